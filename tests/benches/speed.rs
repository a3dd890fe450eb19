//! How long the parts of a command take in one process, by the entries of a vault.
//!
//! `cargo bench` runs all of it, `cargo bench -- open` what opens a vault. Whole processes, beside
//! other programs, are timed by `tests/benches/compare`.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench that fails panics, and is read by nobody from outside"
)]

use std::alloc::System;
use std::hint::black_box;
use std::iter;
use std::sync::Arc;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use uuid::Uuid;
use vault::crypto::keys::age_keys::AgeIdentity;
use vault::crypto::{
    Draft, JournalKey, MasterKey, NoPlugins, SealedFile, SigningKey, UnlockedWith, derive, random,
    seal,
};
use vault::import::{ImportFormat, Intake, Source};
use vault::model::entry::changes::Changes;
use vault::model::merge::vaults::{VaultCopy, merge};
use vault::model::records::access::Access;
use vault::model::records::cell::DeviceId;
use vault::model::records::identity::Identity;
use vault::model::records::slot::Slot;
use vault::model::records::stamping::Author;
use vault::model::text::kdf::KdfParams;
use vault::model::text::secret::Secret;
use vault::model::transfer::import::{OnClash, Policy};
use vault::model::vault::Vault;
use zeroizing_alloc::ZeroAlloc;

/// The binary's own allocator, for the sake of what is measured in this process.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

const SIZES: [usize; 5] = [100, 1_000, 10_000, 100_000, 200_000];
/// Entries of a client.
const PER_CLIENT: usize = 50;

/// A sealed vault, and what opens and changes it.
struct Sealed {
    file: Arc<[u8]>,
    master_key: MasterKey,
    signing_key: SigningKey,
    draft: Draft,
    author: Author<'static>,
    entries: usize,
}

fn changes(n: usize) -> Changes {
    let secret = Secret::new(format!("{:032x}", Uuid::new_v4().as_u128()));
    let mut changes = Changes::default();
    changes.values.username = Some(format!("user{n}@example.com"));
    changes.values.urls = vec![format!("https://host{n}.example.com/login")];
    changes.secrets = vec![(Slot::Secret, secret)];
    changes
}

fn author() -> Author<'static> {
    Author {
        device: DeviceId::from_random(random::bytes()),
        now: jiff::Timestamp::now(),
        new_id: &Uuid::new_v4,
    }
}

/// An empty vault, and what signs it.
fn empty(access: Access, author: &Author<'_>) -> (Vault, SigningKey) {
    let signing_key = SigningKey::generate();
    let identity = Identity::new(
        AgeIdentity::generate().secret(),
        signing_key.to_openssh_pem().unwrap(),
        JournalKey::generate().to_base64(),
    );
    (
        Vault::new(Uuid::new_v4(), access, identity, author),
        signing_key,
    )
}

impl Sealed {
    fn with(entries: usize) -> Self {
        let author = author();
        // The cost of the password is measured by itself.
        let kdf = KdfParams {
            m: 8 << 10,
            t: 1,
            p: 1,
        };
        let access = Access {
            salt: random::bytes(),
            kdf,
            key_file: false,
        };
        let master_key = derive(
            &Secret::new("plum-Trellis7-okapi-vend".into()),
            None,
            &access,
        )
        .unwrap();
        let (mut vault, signing_key) = empty(access, &author);
        for n in 0..entries {
            let path = format!("client{}/entry{n}", n / PER_CLIENT);
            vault
                .add(&path.parse().unwrap(), changes(n), &author)
                .unwrap();
        }
        let draft = Draft {
            vault_id: vault.vault_id,
            generation: 1,
            parents: vec![],
        };
        let mut sealed = Self {
            file: Arc::from([]),
            master_key,
            signing_key,
            draft,
            author,
            entries,
        };
        sealed.file = Arc::from(sealed.seal(&vault).bytes());
        sealed
    }

    fn seal(&self, vault: &Vault) -> SealedFile {
        let payload = vault.encode(self.file.len()).unwrap();
        let (draft, key) = (&self.draft, &self.signing_key);
        seal(&payload, draft, &self.master_key, &[], &NoPlugins, key).unwrap()
    }

    fn open(&self) -> Vault {
        let file = SealedFile::parse(Arc::clone(&self.file)).unwrap();
        file.verify_signature().unwrap();
        Vault::decode(file.open(UnlockedWith::Password(&self.master_key)).unwrap()).unwrap()
    }

    /// The entry in the middle.
    fn path(&self) -> String {
        let n = self.entries / 2;
        format!("client{}/entry{n}", n / PER_CLIENT)
    }
}

fn argon2(criterion: &mut Criterion) {
    let access = Access {
        salt: random::bytes(),
        kdf: KdfParams::default(),
        key_file: false,
    };
    let password = Secret::new("plum-Trellis7-okapi-vend".into());
    criterion.bench_function("argon2id m=64MiB,t=3,p=4", |b| {
        b.iter(|| derive(&password, None, &access).unwrap());
    });
}

fn parts(criterion: &mut Criterion) {
    for entries in SIZES {
        let sealed = Sealed::with(entries);
        let path = sealed.path().parse().unwrap();
        let new = "new/entry".parse().unwrap();
        let id = |part| BenchmarkId::new(part, entries);
        let mut group = criterion.benchmark_group("vault");
        group.sample_size(10);
        group.bench_function(id("open"), |b| b.iter(|| sealed.open()));
        let with = || sealed.open();
        group.bench_function(id("find"), |b| {
            let read = |vault: Vault| {
                black_box(vault.entry(&path).unwrap());
                vault
            };
            b.iter_batched(with, read, BatchSize::PerIteration);
        });
        group.bench_function(id("change"), |b| {
            let change = |mut vault: Vault| {
                vault.add(&new, changes(0), &sealed.author).unwrap();
                vault
            };
            b.iter_batched(with, change, BatchSize::PerIteration);
        });
        group.bench_function(id("seal"), |b| {
            let vault = sealed.open();
            b.iter(|| sealed.seal(&vault));
        });
        group.bench_function(id("merge"), |b| {
            let apart = || {
                [(); 2].map(|()| {
                    let mut vault = sealed.open();
                    let name = format!("new/{}", Uuid::new_v4()).parse().unwrap();
                    vault.add(&name, changes(0), &author()).unwrap();
                    vault
                })
            };
            let signer = sealed.signing_key.signer().to_openssh();
            let both = |[one, other]: [Vault; 2]| {
                let copy = |vault| VaultCopy {
                    vault,
                    signer: &signer,
                };
                merge(copy(&one), copy(&other)).unwrap()
            };
            b.iter_batched(apart, both, BatchSize::PerIteration);
        });
        group.finish();
    }
}

fn import(criterion: &mut Criterion) {
    for entries in SIZES {
        let rows = (0..entries).map(|n| {
            let client = n / PER_CLIENT;
            format!("client{client},entry{n},user{n},{n:032x},https://host{n}.example.com/\n")
        });
        let header = "folder,name,username,password,url\n".to_owned();
        let table = iter::once(header).chain(rows).collect::<String>();
        let author = author();
        let access = Access {
            salt: random::bytes(),
            kdf: KdfParams::default(),
            key_file: false,
        };
        let mut group = criterion.benchmark_group("vault");
        group.sample_size(10);
        group.bench_function(BenchmarkId::new("import", entries), |b| {
            let take_in = |mut vault: Vault| {
                let mut intake = Intake::new(table.len(), Box::new(|_| ()));
                let source = Source::file(table.as_bytes());
                ImportFormat::Csv
                    .reader()
                    .read(&source, &mut intake)
                    .unwrap();
                let policy = Policy {
                    client: None,
                    on_clash: OnClash::Suffix,
                };
                let extras = intake.settle_extras(false);
                vault
                    .import(intake.candidates, extras, &policy, "csv", &author)
                    .unwrap();
                vault
            };
            b.iter_batched(
                || empty(access, &author).0,
                take_in,
                BatchSize::PerIteration,
            );
        });
        group.finish();
    }
}

criterion_group!(benches, argon2, parts, import);
criterion_main!(benches);
