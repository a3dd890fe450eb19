//! Stories: random sequences of commands against a small reference of what each has to answer.
//!
//! Everything goes through the binary. [`op`] has the commands, [`world`] the names and secrets
//! that they are played with, [`reference`] what they mean; [`oracle`] asks the second reader of the
//! format. A story that fails is shortened, and names the seed that tells it again:
//!
//! ```text
//! VAULT_STORY_SEED=17 cargo test --test main stories -- --include-ignored
//! ```

mod answers;
mod held;
mod op;
mod oracle;
mod reference;
mod world;

use std::fs;
use std::num::NonZero;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use proptest::collection::vec;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::support::call::Output;
use crate::support::env::{PASSWORD, TestEnv};
use op::Op;
use reference::{Answer, Reference};

/// After so many commands, and at the end, the whole vault is checked.
const CHECK_EVERY: usize = 100;
/// The password after every second `passwd`.
const OTHER_PASSWORD: &str = "caf\u{e9}-Quartz4-maple-dusk";

/// How long a story that fails may be shortened.
const PATIENCE: Duration = Duration::from_mins(1);

/// How far a story that fails was told.
struct Told {
    done: usize,
    why: String,
}

/// Many stories of one length.
struct Book {
    seeds: Vec<u64>,
    length: usize,
    second_reader: bool,
}

/// The same six hundred commands at each run: what fails here is due to the change at hand.
#[test]
fn six_hundred_commands_do_what_the_contract_says() {
    let book = Book {
        seeds: seeds_from(1, 6),
        length: 100,
        second_reader: false,
    };
    book.read();
}

/// Others at each run; `VAULT_STORIES` says how many stories of 250 commands.
#[test]
#[ignore = "takes minutes and needs the second reader; .ci/run runs it"]
fn thousands_of_commands_do_what_the_contract_says() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let stories = std::env::var("VAULT_STORIES").map_or(16, |count| {
        count.parse().expect("VAULT_STORIES is not a number")
    });
    let book = Book {
        seeds: seeds_from(now.as_secs(), stories),
        length: 250,
        second_reader: true,
    };
    book.read();
}

/// `count` seeds from `first` on, or the one that is asked for.
fn seeds_from(first: u64, count: u64) -> Vec<u64> {
    match std::env::var("VAULT_STORY_SEED") {
        Ok(seed) => vec![seed.parse().expect("VAULT_STORY_SEED is not a number")],
        Err(_) => (first..first + count).collect(),
    }
}

impl Book {
    /// Plays every story, as many at a time as there are processors, each in a home of its own.
    fn read(&self) {
        let queue = Mutex::new(self.seeds.iter());
        let failures = Mutex::new(Vec::new());
        let next = || queue.lock().unwrap().next();
        thread::scope(|scope| {
            let threads = thread::available_parallelism().map_or(2, NonZero::get);
            for _ in 0..threads.min(self.seeds.len()) {
                scope.spawn(|| {
                    while let Some(seed) = next() {
                        if let Err(why) = self.story(*seed) {
                            failures.lock().unwrap().push(why);
                        }
                    }
                });
            }
        });
        let failures = failures.into_inner().unwrap();
        assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    }

    fn story(&self, seed: u64) -> Result<(), String> {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let ops = vec(world::command(), self.length).new_tree(&mut runner);
        let ops = ops.unwrap().current();
        let Err(told) = self.play(&ops) else {
            return Ok(());
        };
        let (ops, why) = self.shorten(&ops, told);
        let lines: Vec<String> = ops.iter().map(|op| format!("  {op:?}")).collect();
        Err(format!(
            "VAULT_STORY_SEED={seed} fails: {why}\nafter the opening, shortened to:\n{}",
            lines.join("\n")
        ))
    }

    /// Leaves commands out, fewer and fewer at a time, as long as the story still fails.
    fn shorten(&self, ops: &[Op], told: Told) -> (Vec<Op>, String) {
        let start = Instant::now();
        let mut why = told.why;
        let mut ops = ops[..told.done].to_vec();
        let mut some = ops.len() / 2;
        while some > 0 {
            let mut at = 0;
            while at + some <= ops.len() {
                if start.elapsed() > PATIENCE {
                    return (ops, why);
                }
                let mut fewer = ops.clone();
                fewer.drain(at..at + some);
                match self.play(&fewer) {
                    Ok(()) => at += some,
                    Err(told) => {
                        fewer.truncate(told.done);
                        (ops, why) = (fewer, told.why);
                    }
                }
            }
            some /= 2;
        }
        (ops, why)
    }

    fn play(&self, ops: &[Op]) -> Result<(), Told> {
        let env = TestEnv::ready();
        let mut reference = Reference::default();
        for op in world::opening() {
            step(&env, &mut reference, &op).map_err(|why| Told { done: 0, why })?;
        }
        for (at, op) in ops.iter().enumerate() {
            let done = at + 1;
            let due = done % CHECK_EVERY == 0 || done == ops.len();
            step(&env, &mut reference, op)
                .and_then(|()| {
                    if due {
                        self.check(&env, &reference)
                    } else {
                        Ok(())
                    }
                })
                .map_err(|why| Told { done, why })?;
        }
        Ok(())
    }

    /// The vault as a whole: by its own account, by its log, by the second reader.
    fn check(&self, env: &TestEnv, reference: &Reference) -> Result<(), String> {
        let report = answer(env, &["verify", "--full", "--json"])?;
        same("ok", &report["ok"], &json!(true))?;
        let generation = json!(reference.generation());
        same("generation", &report["generation"], &generation)?;
        let list = answer(env, &["list", "--json"])?;
        same("list", &without_times(list), &reference.list(None, None))?;
        let log = answer(env, &["log", "--verify", "--json"])?;
        for (action, count) in reference.events() {
            let events = log.as_array().into_iter().flatten();
            let logged = events.filter(|event| event["action"] == *action).count();
            same(action, &json!(logged), &json!(count))?;
        }
        if self.second_reader {
            let signer = report["signer"].as_str().unwrap_or_default();
            oracle::agrees(env, signer, reference)?;
        }
        Ok(())
    }
}

/// One command, held against what it has to answer.
fn step(env: &TestEnv, reference: &mut Reference, op: &Op) -> Result<(), String> {
    let expected = reference.apply(op);
    let refused = matches!(expected, Answer::Fails(_));
    let before = refused.then(|| env.snapshot());
    let args = op.args();
    let mut args: Vec<&str> = args.iter().map(String::as_str).collect();
    let new = env.path("new-password");
    if matches!(op, Op::Passwd) {
        env.file("new-password", reference.password());
        args.extend(["--new-password-file", &new]);
    }
    let mut call = env.call(&args).stdin(op.stdin());
    if matches!(op, Op::WrongPassword { .. }) {
        call = call.password("another password");
    }
    let output = call.run();
    if matches!(op, Op::Passwd) && output.code == Some(0) {
        fs::write(env.password_file(), reference.password()).unwrap();
    }
    if let Err(why) = hold(&output, &expected) {
        let message = format!("{why}\nexpected {expected:.2000?}\n{output:?}");
        return Err(message);
    }
    if before.is_some_and(|before| env.snapshot() != before) {
        return Err(format!("it changed files\n{output:?}"));
    }
    Ok(())
}

fn hold(output: &Output, expected: &Answer) -> Result<(), &'static str> {
    let code = match expected {
        Answer::Fails(code) => *code,
        _ => 0,
    };
    let stdout = &output.stdout;
    let fits = match expected {
        Answer::Fails(_) if output.stderr.is_empty() => return Err("it does not say why"),
        Answer::Fails(_) => stdout.is_empty(),
        Answer::Prints(bytes) => stdout == bytes,
        Answer::Begins(text) => stdout.starts_with(text.as_bytes()),
        Answer::Json(value) => {
            serde_json::from_slice(stdout).is_ok_and(|json| without_times(json) == *value)
        }
    };
    match (output.code == Some(code), fits) {
        (false, _) => Err("another exit code"),
        (_, false) => Err("another answer"),
        _ => Ok(()),
    }
}

fn answer(env: &TestEnv, args: &[&str]) -> Result<Value, String> {
    let output = env.call(args).run();
    let json = serde_json::from_slice(&output.stdout).ok();
    json.filter(|_| output.code == Some(0))
        .ok_or_else(|| format!("{output:?}"))
}

fn same(what: &str, found: &Value, expected: &Value) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    let message = format!("{what}: {found:#}\ninstead of {expected:#}");
    Err(message)
}

/// The same value without what the clock says.
fn without_times(mut value: Value) -> Value {
    match &mut value {
        Value::Object(object) => {
            object.retain(|key, _| key != "created" && key != "updated");
            object
                .values_mut()
                .for_each(|inner| *inner = without_times(inner.take()));
        }
        Value::Array(list) => list
            .iter_mut()
            .for_each(|inner| *inner = without_times(inner.take())),
        _ => {}
    }
    value
}
