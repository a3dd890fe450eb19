//! Threads that share the work of ciphers and of Argon2.

use std::thread;

use rayon::ThreadPoolBuilder;

use crate::error::{Error, Result};

/// Runs `work` where rayon has up to `most` threads. What rayon does by itself would panic if the
/// threads of its global pool could not start, so the pool is made here.
pub(super) fn on_threads<R: Send>(most: usize, work: impl FnOnce() -> R + Send) -> Result<R> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    match ThreadPoolBuilder::new()
        .num_threads(most.min(cores).max(1))
        .build()
    {
        Ok(pool) => Ok(pool.install(work)),
        Err(_) => on_this_thread(work),
    }
}

/// Runs `work` on the calling thread alone, which rayon must be told of once.
fn on_this_thread<R: Send>(work: impl FnOnce() -> R + Send) -> Result<R> {
    if rayon::current_thread_index().is_none() {
        ThreadPoolBuilder::new()
            .num_threads(1)
            .use_current_thread()
            .build()
            .map_err(|why| Error::failed(format!("cannot start threads: {why}")))?;
    }
    Ok(work())
}

#[cfg(test)]
mod tests {
    use super::on_this_thread;

    #[test]
    fn without_threads_the_work_is_done_all_the_same() {
        std::thread::spawn(|| {
            for _ in 0..2 {
                let lanes = on_this_thread(|| {
                    use rayon::iter::{IntoParallelIterator, ParallelIterator};
                    (0..4).into_par_iter().count()
                });
                assert_eq!(lanes, Ok(4));
            }
        })
        .join()
        .unwrap();
    }
}
