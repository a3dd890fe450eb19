//! Keeps keys out of core dumps, debuggers and swap, as far as the system lets an ordinary process
//! do that. All of it is best effort: a failure is no error. `status` says whether keys can
//! be locked.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;

#[cfg(target_os = "linux")]
use memmap2::Advice;
use memmap2::{MmapMut, MmapOptions};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use zeroize::{Zeroize, Zeroizing};

use crate::error::{Error, Result};

/// The limit of core dumps that this process was started with.
static CORE_LIMIT: OnceLock<Rlimit> = OnceLock::new();

/// Forbids core dumps and, on Linux, attaching to this process. To be called before any secret is
/// read; child processes inherit the first, unless [`with_core_limit_as_before`] starts them, and
/// not the second.
pub fn harden() {
    let before = *CORE_LIMIT.get_or_init(|| getrlimit(Resource::Core));
    // A hard limit that is lowered could not be given back to a child.
    let none = Rlimit {
        current: Some(0),
        maximum: before.maximum,
    };
    let _ = setrlimit(Resource::Core, none);
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

/// Whether this process leaves no core dump, as [`harden`] wants it.
pub fn leaves_no_dump() -> bool {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, dumpable_behavior};
        if !matches!(dumpable_behavior(), Ok(DumpableBehavior::NotDumpable)) {
            return false;
        }
    }
    getrlimit(Resource::Core).current == Some(0)
}

/// Runs `exec`, which puts another program in this one's place, under the limit of core dumps that
/// the user has set. When it returns, dumps are forbidden again.
pub fn with_core_limit_as_before<T>(exec: impl FnOnce() -> T) -> T {
    if let Some(before) = CORE_LIMIT.get() {
        let _ = setrlimit(Resource::Core, *before);
    }
    let failed = exec();
    harden();
    failed
}

/// The limit of address space that was there before [`limit_address_space`]; it is back when this
/// is dropped.
#[must_use]
#[derive(Debug)]
pub struct AddressSpace(Option<Rlimit>);

/// Lets this process take no more than so many bytes of address space besides what it has: a
/// backstop while what others wrote is read. Only where the system says how much that is (Linux).
pub fn limit_address_space(more: u64) -> AddressSpace {
    let before = getrlimit(Resource::As);
    let limit = address_space().map(|now| now.saturating_add(more));
    let is_lower = |limit: &u64| before.current.is_none_or(|current| *limit < current);
    let Some(limit) = limit.filter(is_lower) else {
        return AddressSpace(None);
    };
    let lowered = Rlimit {
        current: Some(limit),
        maximum: before.maximum,
    };
    AddressSpace(setrlimit(Resource::As, lowered).ok().map(|()| before))
}

impl Drop for AddressSpace {
    fn drop(&mut self) {
        if let Some(before) = self.0.take() {
            let _ = setrlimit(Resource::As, before);
        }
    }
}

/// The address space of this process, in bytes.
fn address_space() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split(' ').next()?.parse().ok()?;
    pages.checked_mul(region::page::size() as u64)
}

/// Whether pages that hold keys can be locked into RAM here (`RLIMIT_MEMLOCK` may forbid it).
pub fn can_lock() -> bool {
    LockedKey::zeroed().is_locked()
}

/// 32 bytes on a page of their own.
///
/// Locks count by the page and do not nest, so a page that is unlocked with one key must not hold
/// another. The alignment is the largest page size in use (64 KiB, on some ARM systems); on the
/// usual 4 KiB only the first page is ever locked.
#[repr(align(65536))]
struct KeyPage([u8; 32]);

/// 32 bytes of key, locked into RAM where that is possible and wiped when dropped.
pub struct LockedKey {
    // Before the page, so that it is unlocked before it is freed.
    lock: Option<region::LockGuard>,
    page: Box<KeyPage>,
}

impl LockedKey {
    /// A key of zeros, to be filled in place.
    pub(super) fn zeroed() -> Self {
        let page = Box::new(KeyPage([0; 32]));
        let lock = region::lock(page.0.as_ptr(), page.0.len()).ok();
        Self { lock, page }
    }

    /// A key that `fill` writes in place, so that no copy is left on the stack.
    pub fn init(fill: impl FnOnce(&mut [u8; 32])) -> Self {
        let mut key = Self::zeroed();
        fill(key.expose_mut());
        key
    }

    /// The key itself.
    pub fn expose(&self) -> &[u8; 32] {
        &self.page.0
    }

    /// The key itself, to be written.
    pub(super) fn expose_mut(&mut self) -> &mut [u8; 32] {
        &mut self.page.0
    }

    /// Whether the page is locked into RAM. If not, the key works all the same.
    pub fn is_locked(&self) -> bool {
        self.lock.is_some()
    }
}

impl Drop for LockedKey {
    fn drop(&mut self) {
        self.page.0.zeroize();
    }
}

impl fmt::Debug for LockedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LockedKey(…)")
    }
}

/// Overwrites the stack below the caller, where hashes and ciphers have left copies of keys. They
/// wipe what they own, not what the compiler spilt.
#[inline(never)]
pub(crate) fn wipe_stack() {
    // Deeper than any of them goes.
    let mut depth = [0_u8; 16 << 10];
    std::hint::black_box(&mut depth);
}

/// A buffer for a whole file or payload, wiped when dropped.
///
/// A large one is mapped in one go, on huge pages where the system has them: memory that is handed
/// out page by page, as the allocator's is, costs more than decrypting into it.
pub struct Pages {
    room: Room,
    length: usize,
}

enum Room {
    Mapped(MmapMut),
    /// Mapping so little costs more than it saves.
    Small(Zeroizing<Vec<u8>>),
}

/// Below so many bytes the allocator has the buffer.
const SMALL: usize = 64 << 10;

impl Pages {
    /// So many bytes, all zero.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] when there is not enough memory.
    pub fn zeroed(length: usize) -> Result<Self> {
        if length < SMALL {
            let room = Room::Small(Zeroizing::new(vec![0; length]));
            return Ok(Self { room, length });
        }
        let map = MmapOptions::new()
            .len(length)
            .map_anon()
            .map_err(|why| Error::failed(format!("no memory for {length} bytes: {why}")))?;
        // Both are advice: without them the buffer is only slower.
        #[cfg(target_os = "linux")]
        {
            let _ = map.advise(Advice::HugePage);
            let _ = map.advise(Advice::PopulateWrite);
        }
        let room = Room::Mapped(map);
        Ok(Self { room, length })
    }

    /// Gives back what is past `length`, which is seen no more.
    pub fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
    }
}

impl Deref for Pages {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        let all: &[u8] = match &self.room {
            Room::Mapped(map) => map,
            Room::Small(bytes) => bytes,
        };
        all.get(..self.length).unwrap_or_default()
    }
}

impl DerefMut for Pages {
    fn deref_mut(&mut self) -> &mut [u8] {
        let all: &mut [u8] = match &mut self.room {
            Room::Mapped(map) => map,
            Room::Small(bytes) => bytes,
        };
        all.get_mut(..self.length).unwrap_or_default()
    }
}

impl AsRef<[u8]> for Pages {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if let Self::Mapped(map) = self {
            map.fill(0);
            // The map is given back next; this keeps the compiler from seeing that nobody reads it.
            std::hint::black_box(map);
        }
    }
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pages({} bytes)", self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::{LockedKey, Pages, can_lock, harden, with_core_limit_as_before};

    #[test]
    fn pages_are_zero_and_as_long_as_asked() {
        for length in [0, 1, 4096, 3 << 20] {
            let mut pages = Pages::zeroed(length).unwrap();
            assert_eq!(pages.len(), length);
            assert!(pages.iter().all(|byte| *byte == 0));
            pages.fill(7);
            pages.truncate(length / 2);
            assert_eq!(pages.len(), length / 2);
        }
    }

    #[test]
    fn a_key_holds_what_was_put_in_and_shows_nothing() {
        let key = LockedKey::init(|bytes| bytes.fill(0xa5));
        assert_eq!(key.expose(), &[0xa5; 32]);
        assert_eq!(format!("{key:?}"), "LockedKey(…)");
    }

    #[test]
    fn each_key_has_a_page_of_its_own() {
        let keys: Vec<_> = (0..9).map(|_| LockedKey::zeroed()).collect();
        let mut pages: Vec<_> = keys
            .iter()
            .map(|key| key.expose().as_ptr().addr())
            .collect();
        assert!(pages.iter().all(|at| at % region::page::size() == 0));
        pages.sort_unstable();
        pages.dedup();
        assert_eq!(pages.len(), 9);
    }

    #[test]
    fn locking_says_the_same_twice() {
        assert_eq!(can_lock(), LockedKey::zeroed().is_locked());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn address_space_has_a_limit_for_a_while() {
        use super::limit_address_space;
        use rustix::process::{Resource, getrlimit};
        let current = || getrlimit(Resource::As).current;
        let before = current();
        let limit = limit_address_space(1 << 40);
        assert!(current().is_some_and(|now| now > 1 << 40 && now < 2 << 40));
        // What is lower already stays.
        drop(limit_address_space(2 << 40));
        assert!(current().is_some_and(|now| now < 2 << 40));
        drop(limit);
        assert_eq!(current(), before);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_hardened_process_leaves_no_core_and_what_it_becomes_may() {
        use rustix::process::{DumpableBehavior, Resource, getrlimit};
        let before = getrlimit(Resource::Core);
        harden();
        assert_eq!(getrlimit(Resource::Core).current, Some(0));
        let during = with_core_limit_as_before(|| getrlimit(Resource::Core));
        assert_eq!(during, before);
        assert_eq!(getrlimit(Resource::Core).current, Some(0));
        let dumpable = rustix::process::dumpable_behavior().unwrap();
        assert_eq!(dumpable, DumpableBehavior::NotDumpable);
    }
}
