//! Strings as the SSH protocol and OpenSSH's files have them: a length in four bytes, and the bytes.

/// The next string, which is taken off.
pub(crate) fn next_string<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let text = after.get(..length)?;
    *rest = after.get(length..)?;
    Some(text)
}

/// These bytes as a string.
#[cfg(test)]
pub(crate) fn ssh_string(text: &[u8]) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap();
    [&length.to_be_bytes()[..], text].concat()
}
