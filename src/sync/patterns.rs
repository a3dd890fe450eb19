//! Lines of `.gitattributes` and `.git/info/exclude` that mean one file, whatever it is called.

/// The pattern for one path below the folder of an exclude file: what globs is escaped, and a
/// control character, which cannot be written there, stands for any.
pub fn exclude_pattern(path: &[u8]) -> Vec<u8> {
    let mut pattern = literal(path);
    for byte in &mut pattern {
        if byte.is_ascii_control() {
            *byte = b'?';
        }
    }
    pattern
}

/// The same for `.gitattributes`, where a pattern with blanks, quotes or control characters stands
/// in quotes, as in C.
pub fn attributes_pattern(path: &[u8]) -> Vec<u8> {
    let pattern = literal(path);
    let is_special = |byte: &u8| *byte == b'"' || *byte == b' ' || byte.is_ascii_control();
    if !pattern.iter().any(is_special) {
        return pattern;
    }
    let mut quoted = vec![b'"'];
    for byte in pattern {
        match byte {
            b'"' | b'\\' => quoted.extend([b'\\', byte]),
            byte if byte.is_ascii_control() => quoted.extend(format!("\\{byte:03o}").bytes()),
            byte => quoted.push(byte),
        }
    }
    quoted.push(b'"');
    quoted
}

/// A pattern that begins at the top, so that no first character means anything else.
fn literal(path: &[u8]) -> Vec<u8> {
    let mut pattern = vec![b'/'];
    for byte in path {
        if b"\\*?[".contains(byte) {
            pattern.push(b'\\');
        }
        pattern.push(*byte);
    }
    pattern
}

/// A file of lines with those that it lacks at its end; `None` where it has them all.
pub fn with_lines(text: &[u8], wanted: &[Vec<u8>]) -> Option<Vec<u8>> {
    let has = |line: &Vec<u8>| text.split(|byte| *byte == b'\n').any(|known| known == line);
    let missing: Vec<&Vec<u8>> = wanted.iter().filter(|line| !has(line)).collect();
    if missing.is_empty() {
        return None;
    }
    let mut text = text.to_vec();
    if !text.is_empty() && !text.ends_with(b"\n") {
        text.push(b'\n');
    }
    for line in missing {
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::{attributes_pattern, exclude_pattern, with_lines};

    #[test]
    fn what_means_something_else_in_a_pattern_is_escaped() {
        for (path, attributes, exclude) in [
            ("vault.age", "/vault.age", "/vault.age"),
            ("!a/#b", "/!a/#b", "/!a/#b"),
            ("a*[b]?", r"/a\*\[b]\?", r"/a\*\[b]\?"),
            (
                "my \"old\" vault",
                r#""/my \"old\" vault""#,
                "/my \"old\" vault",
            ),
            (r"a b\c", r#""/a b\\\\c""#, r"/a b\\c"),
            ("a\nb\t", r#""/a\012b\011""#, "/a?b?"),
            ("Schlüssel/tresor", "/Schlüssel/tresor", "/Schlüssel/tresor"),
        ] {
            let text = |bytes| String::from_utf8(bytes).unwrap();
            assert_eq!(text(attributes_pattern(path.as_bytes())), attributes);
            assert_eq!(text(exclude_pattern(path.as_bytes())), exclude);
        }
    }

    #[test]
    fn lines_of_others_stay_and_none_comes_twice() {
        let wanted = [b"a".to_vec(), b"b".to_vec()];
        assert_eq!(with_lines(b"", &wanted).unwrap(), b"a\nb\n");
        assert_eq!(
            with_lines(b"# mine\nb", &wanted).unwrap(),
            b"# mine\nb\na\n"
        );
        assert_eq!(with_lines(b"b\nx\na\n", &wanted), None);
    }
}
