//! Whether a disk is encrypted, as far as the system tells: by the file system, and by the devices
//! that lie below each other. What a drive does by itself is not seen.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{major, minor};

use crate::model::findings::doctor::{AtRest, Fact, Swap};

/// How many devices may lie below each other; more is taken for a circle.
const DEPTH: usize = 16;
/// The most that is read of one of the system's texts.
const TEXT_BYTES: u64 = 1024 * 1024;
/// File systems in memory.
const IN_MEMORY: [&str; 2] = ["ramfs", "tmpfs"];
/// File systems that encrypt what is written to them.
const ENCRYPTING: [&str; 7] = [
    "ecryptfs",
    "fuse.cppcryptfs",
    "fuse.cryfs",
    "fuse.cryptomator",
    "fuse.encfs",
    "fuse.gocryptfs",
    "fuse.securefs",
];

/// What a Linux kernel says of itself, below `/` or, in a test, below another folder.
#[derive(Clone, Debug)]
pub struct Kernel {
    root: PathBuf,
}

impl Default for Kernel {
    fn default() -> Self {
        Self { root: "/".into() }
    }
}

/// A line of `/proc/self/mountinfo`.
struct Mount {
    point: PathBuf,
    kind: String,
    source: String,
}

impl Kernel {
    /// How what is written to a file lies on its disk.
    ///
    /// # Errors
    /// Why that cannot be seen.
    pub fn at_rest(&self, file: &Path) -> Fact<AtRest> {
        self.at_rest_within(file, DEPTH)
    }

    fn at_rest_within(&self, file: &Path, depth: usize) -> Fact<AtRest> {
        if self.text("proc/sys/kernel/osrelease").contains("microsoft") {
            return Err("this is Linux inside Windows, whose disk it is".into());
        }
        let real = fs::canonicalize(file).unwrap_or_else(|_| file.to_path_buf());
        let Some(mount) = self.mount(&real) else {
            return Err("the system does not say which disk it is on".into());
        };
        if IN_MEMORY.contains(&mount.kind.as_str()) {
            return Ok(AtRest::InMemory);
        }
        if ENCRYPTING.contains(&mount.kind.as_str()) || has_encrypted_folder(&real) {
            return Ok(AtRest::Encrypted);
        }
        let Some(device) = self.device_of(&real, &mount) else {
            let kind = &mount.kind;
            return Err(format!("it is on {kind}, which does not say"));
        };
        if self.is_encrypted(&device, depth) {
            return Ok(AtRest::Encrypted);
        }
        Ok(AtRest::Clear(mount.source))
    }

    /// Swap that is in use.
    ///
    /// # Errors
    /// Why that cannot be seen.
    pub fn swap(&self) -> Fact<Vec<Swap>> {
        let text = fs::read_to_string(self.root.join("proc/swaps"))
            .map_err(|why| format!("the system does not say what swap it uses: {why}"))?;
        Ok(self.swaps(&text))
    }

    /// Where all of memory is written to when the machine hibernates; nothing where it cannot.
    ///
    /// # Errors
    /// Why that cannot be seen.
    pub fn hibernation(&self) -> Fact<Vec<Swap>> {
        let sleeps = self.text("sys/power/state");
        let is_off = self.text("sys/power/disk").contains("[disabled]");
        if is_off || !sleeps.split_whitespace().any(|state| state == "disk") {
            return Ok(Vec::new());
        }
        let resume = self.text("sys/power/resume");
        let numbers = resume.trim();
        let device = self.by_numbers(numbers).filter(|_| numbers != "0:0");
        if let Some(device) = device {
            let name = device.file_name().unwrap_or_default().to_string_lossy();
            return Ok(vec![Swap {
                device: format!("/dev/{name}"),
                is_safe: self.is_encrypted(&device, DEPTH),
            }]);
        }
        let mut swap = self.swap()?;
        // Memory that is compressed is no place to hibernate to.
        swap.retain(|swap| !swap.device.starts_with("/dev/zram"));
        Ok(swap)
    }

    /// Reads `/proc/swaps`: a heading, then a line for each.
    fn swaps(&self, text: &str) -> Vec<Swap> {
        let lines = text.lines().skip(1);
        let names = lines.filter_map(|line| line.split_whitespace().next());
        let swap = |name: &str| {
            let path = unescaped(name);
            Swap {
                is_safe: name.starts_with("/dev/zram") || self.is_safe_swap(&path),
                device: path.display().to_string(),
            }
        };
        names.map(swap).collect()
    }

    /// Whether a partition or a file to swap to is encrypted.
    fn is_safe_swap(&self, path: &Path) -> bool {
        match self.by_name(path) {
            Some(device) => self.is_encrypted(&device, DEPTH),
            None => self.at_rest(path).is_ok_and(|at| at == AtRest::Encrypted),
        }
    }

    /// The mount that a path is on: the longest above it, the last of several in one place.
    fn mount(&self, path: &Path) -> Option<Mount> {
        let text = self.text("proc/self/mountinfo");
        let mounts = text.lines().filter_map(Mount::parse);
        mounts
            .filter(|mount| path.starts_with(&mount.point))
            .max_by_key(|mount| mount.point.components().count())
    }

    /// The device that a file lies on, as a folder below `/sys`.
    fn device_of(&self, file: &Path, mount: &Mount) -> Option<PathBuf> {
        self.by_name(Path::new(&mount.source)).or_else(|| {
            let found = fs::metadata(file).ok()?;
            let device = found.dev();
            self.by_numbers(&format!("{}:{}", major(device), minor(device)))
        })
    }

    /// The device of a path such as `/dev/mapper/home`.
    fn by_name(&self, device: &Path) -> Option<PathBuf> {
        let real = fs::canonicalize(device).unwrap_or_else(|_| device.to_path_buf());
        if !real.starts_with("/dev") {
            return None;
        }
        let class = self.root.join("sys/class/block");
        fs::canonicalize(class.join(real.file_name()?)).ok()
    }

    /// The device of numbers such as `253:0`.
    fn by_numbers(&self, numbers: &str) -> Option<PathBuf> {
        fs::canonicalize(self.root.join("sys/dev/block").join(numbers)).ok()
    }

    /// Whether a device is one of dm-crypt, or lies on nothing but such devices.
    fn is_encrypted(&self, device: &Path, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else {
            return false;
        };
        if short_text(&device.join("dm/uuid")).starts_with("CRYPT-") {
            return true;
        }
        let below = fs::read_dir(device.join("slaves"));
        let below: Vec<PathBuf> = below
            .into_iter()
            .flatten()
            .filter_map(|entry| fs::canonicalize(entry.ok()?.path()).ok())
            .collect();
        if !below.is_empty() {
            return below.iter().all(|it| self.is_encrypted(it, depth));
        }
        let file = short_text(&device.join("loop/backing_file"));
        if !file.trim().is_empty() {
            let at = self.at_rest_within(Path::new(file.trim_end()), depth);
            return at.is_ok_and(|at| at == AtRest::Encrypted);
        }
        // A partition: what its disk lies on.
        let disk = device
            .parent()
            .filter(|_| device.join("partition").exists());
        disk.is_some_and(|disk| self.is_encrypted(disk, depth))
    }

    fn text(&self, path: &str) -> String {
        short_text(&self.root.join(path))
    }
}

impl Mount {
    fn parse(line: &str) -> Option<Self> {
        let (place, kind) = line.split_once(" - ")?;
        let mut kind = kind.split(' ');
        Some(Self {
            point: unescaped(place.split(' ').nth(4)?),
            kind: kind.next()?.to_owned(),
            source: unescaped(kind.next()?).display().to_string(),
        })
    }
}

/// A text of the system, or nothing where there is none.
fn short_text(path: &Path) -> String {
    let mut text = Vec::new();
    // What cannot be read says nothing.
    let _ = File::open(path).and_then(|file| file.take(TEXT_BYTES).read_to_end(&mut text));
    String::from_utf8_lossy(&text).into_owned()
}

/// A path as the kernel writes it, with blanks as `\040`.
fn unescaped(path: &str) -> PathBuf {
    let escapes = [
        ("\\040", " "),
        ("\\011", "\t"),
        ("\\012", "\n"),
        ("\\134", "\\"),
    ];
    let plain = escapes.iter().fold(path.to_owned(), |text, (code, plain)| {
        text.replace(code, plain)
    });
    plain.into()
}

/// Whether the file system encrypts the folder that a file is in, as fscrypt and systemd-homed do.
#[cfg(target_os = "linux")]
fn has_encrypted_folder(file: &Path) -> bool {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    let folder = file.parent().unwrap_or(file);
    let found = statx(CWD, folder, AtFlags::empty(), StatxFlags::TYPE);
    found.is_ok_and(|found| found.stx_attributes.contains(StatxAttributes::ENCRYPTED))
}

/// No other system has such folders.
#[cfg(not(target_os = "linux"))]
fn has_encrypted_folder(_file: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use super::{AtRest, Kernel};

    /// What a kernel would say, in a folder.
    struct Said(tempfile::TempDir);

    impl Said {
        fn mounts(lines: &[&str]) -> Self {
            let said = Self(tempfile::tempdir().unwrap());
            said.text("proc/self/mountinfo", &lines.join("\n"));
            said
        }

        fn text(&self, path: &str, text: &str) {
            let path = self.0.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        /// A device on others.
        fn device(&self, name: &str, below: &[&str], uuid: &str) -> &Self {
            let devices = self.0.path().join("sys/devices");
            let folder = devices.join(name);
            fs::create_dir_all(folder.join("slaves")).unwrap();
            for it in below {
                symlink(devices.join(it), folder.join("slaves").join(it)).unwrap();
            }
            if !uuid.is_empty() {
                self.text(&format!("sys/devices/{name}/dm/uuid"), uuid);
            }
            let class = self.0.path().join("sys/class/block");
            fs::create_dir_all(&class).unwrap();
            let own = Path::new(name).file_name().unwrap();
            symlink(&folder, class.join(own)).unwrap();
            self
        }

        fn kernel(&self) -> Kernel {
            let root = self.0.path().to_path_buf();
            Kernel { root }
        }

        fn at_rest(&self, file: &str) -> Result<AtRest, String> {
            self.kernel().at_rest(Path::new(file))
        }
    }

    const ROOT: &str = "22 1 8:2 / / rw shared:1 - ext4 /dev/sda2 rw";

    #[test]
    fn a_volume_group_on_luks_is_encrypted_and_one_half_of_a_mirror_is_not() {
        let said = Said::mounts(&[
            ROOT,
            "30 22 253:1 / /nowhere/home rw - ext4 /dev/dm-1 rw",
            "31 22 9:0 / /nowhere/mirror rw - xfs /dev/md0 rw",
        ]);
        said.device("sda", &[], "")
            .device("sda/sda2", &[], "")
            .device("sdb1", &[], "")
            .device("dm-0", &["sdb1"], "CRYPT-LUKS2-0123-luks")
            .device("dm-1", &["dm-0"], "LVM-abc")
            .device("md0", &["dm-0", "sdb1"], "");
        assert_eq!(
            said.at_rest("/nowhere/home/jo/v.age"),
            Ok(AtRest::Encrypted)
        );
        let clear = |disk: &str| Ok(AtRest::Clear(disk.to_owned()));
        assert_eq!(said.at_rest("/nowhere/mirror/v.age"), clear("/dev/md0"));
        assert_eq!(said.at_rest("/nowhere/v.age"), clear("/dev/sda2"));
    }

    #[test]
    fn a_partition_of_an_encrypted_disk_and_a_file_on_one_are_encrypted() {
        let said = Said::mounts(&[
            ROOT,
            "30 22 253:1 / /nowhere/a rw - ext4 /dev/dm-0p1 rw",
            "31 22 7:0 / /nowhere/b rw - ext4 /dev/loop0 rw",
            "32 22 7:1 / /nowhere/c rw - ext4 /dev/loop1 rw",
        ]);
        said.device("dm-0", &[], "CRYPT-PLAIN-x")
            .device("dm-0/dm-0p1", &[], "")
            .device("loop0", &[], "")
            .device("loop1", &[], "");
        said.text("sys/devices/dm-0/dm-0p1/partition", "1\n");
        said.text("sys/devices/loop0/loop/backing_file", "/nowhere/a/image\n");
        // In itself.
        said.text("sys/devices/loop1/loop/backing_file", "/nowhere/c/image\n");
        assert_eq!(said.at_rest("/nowhere/a/v.age"), Ok(AtRest::Encrypted));
        assert_eq!(said.at_rest("/nowhere/b/v.age"), Ok(AtRest::Encrypted));
        let clear = AtRest::Clear("/dev/loop1".into());
        assert_eq!(said.at_rest("/nowhere/c/v.age"), Ok(clear));
    }

    #[test]
    fn file_systems_in_memory_that_encrypt_or_do_not_tell() {
        let said = Said::mounts(&[
            "22 1 0:30 / / rw - zfs pool/root rw",
            "30 22 0:31 / /nowhere/in\\040memory rw - tmpfs tmpfs rw",
            "31 22 0:32 / /nowhere/sealed rw - fuse.gocryptfs /home/x rw",
        ]);
        let memory = said.at_rest("/nowhere/in memory/v.age");
        assert_eq!(memory, Ok(AtRest::InMemory));
        let sealed = said.at_rest("/nowhere/sealed/v.age");
        assert_eq!(sealed, Ok(AtRest::Encrypted));
        let untold = said.at_rest("/nowhere/v.age").unwrap_err();
        assert!(untold.contains("zfs"), "{untold}");
        said.text(
            "proc/sys/kernel/osrelease",
            "5.15.90.1-microsoft-standard-WSL2\n",
        );
        let untold = said.at_rest("/nowhere/sealed/v.age").unwrap_err();
        assert!(untold.contains("Windows"), "{untold}");
    }

    #[test]
    fn swap_is_safe_in_memory_on_an_encrypted_device_and_in_a_file_on_one() {
        let said = Said::mounts(&[ROOT, "30 22 253:1 / /nowhere/a rw - ext4 /dev/dm-0 rw"]);
        said.device("dm-0", &[], "CRYPT-LUKS1-x")
            .device("sda2", &[], "");
        said.text(
            "proc/swaps",
            "Filename\t\t\tType\t\tSize\tUsed\tPriority\n\
             /dev/zram0  partition 8 0 100\n/dev/dm-0 partition 8 0 -2\n\
             /nowhere/a/the\\040file file 8 0 -3\n/nowhere/swap.img file 8 0 -4\n",
        );
        let swaps = said.kernel().swap().unwrap();
        let safe: Vec<bool> = swaps.iter().map(|swap| swap.is_safe).collect();
        assert_eq!(safe, [true, true, true, false]);
        assert_eq!(swaps[2].device, "/nowhere/a/the file");
        said.text("proc/swaps", "Filename Type\n");
        assert!(said.kernel().swap().unwrap().is_empty());
    }

    #[test]
    fn memory_goes_where_the_system_resumes_from_or_to_any_swap() {
        let said = Said::mounts(&[ROOT]);
        said.device("sda3", &[], "");
        said.text(
            "proc/swaps",
            "Filename\n/dev/zram0 partition 8 0 1\n/dev/sda3 partition 8 0 2\n",
        );
        let places = || {
            let places = said.kernel().hibernation().unwrap();
            places
                .into_iter()
                .map(|it| (it.device, it.is_safe))
                .collect::<Vec<_>>()
        };
        // It cannot hibernate, or may not.
        assert!(places().is_empty());
        said.text("sys/power/state", "freeze mem\n");
        assert!(places().is_empty());
        said.text("sys/power/state", "freeze mem disk\n");
        said.text("sys/power/disk", "[disabled]\n");
        assert!(places().is_empty());
        said.text("sys/power/disk", "[platform] shutdown reboot\n");
        said.text("sys/power/resume", "0:0\n");
        assert_eq!(places(), [("/dev/sda3".to_owned(), false)]);
        said.device("dm-4", &[], "CRYPT-LUKS2-x");
        let numbers = said.0.path().join("sys/dev/block");
        fs::create_dir_all(&numbers).unwrap();
        symlink(
            said.0.path().join("sys/devices/dm-4"),
            numbers.join("253:4"),
        )
        .unwrap();
        said.text("sys/power/resume", "253:4\n");
        assert_eq!(places(), [("/dev/dm-4".to_owned(), true)]);
    }
}
