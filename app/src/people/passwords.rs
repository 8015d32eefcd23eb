//! Passwords as argon2id hashes, with the parameters that OWASP recommends: 19 MiB, 2 passes, 1 lane.
//! <https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use earshot_live::error::{Error, Kind};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Passwords that may wait for a turn. Beyond that the server says that it is busy.
const MAX_WAITING: usize = 100;

/// Hashes and checks passwords off the async threads, as many at a time as there are cores.
#[derive(Clone)]
pub struct Passwords {
    waiting: Arc<Semaphore>,
    running: Arc<Semaphore>,
    /// The hash of a password that nobody has: an unknown account takes as long as a known one.
    nobody: Arc<str>,
}

impl Passwords {
    /// # Errors
    /// When the system has no randomness to give.
    pub fn new() -> Result<Self, Error> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let nobody = hash(&uuid::Uuid::new_v4().to_string())?;
        let [waiting, running] = [MAX_WAITING, cores].map(|n| Arc::new(Semaphore::new(n)));
        Ok(Self { waiting, running, nobody: nobody.into() })
    }

    /// The hash to store, in PHC string format.
    ///
    /// # Errors
    /// `Busy` when too many wait already.
    pub async fn hash(&self, password: String) -> Result<String, Error> {
        self.off_thread(move || hash(&password)).await?
    }

    /// Whether `password` belongs to `stored`. Without a stored hash: no, after the same time.
    ///
    /// # Errors
    /// `Busy` when too many wait already.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, Error> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.nobody.to_string());
        self.off_thread(move || known & verify(&password, &stored)).await
    }

    async fn off_thread<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let _place = self.waiting.try_acquire().map_err(|_| Kind::Busy)?;
        let turn = self.running.clone().acquire_owned().await.map_err(|_| Kind::Busy)?;
        // The turn travels with the work: a request that is given up does not let one more hash begin.
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(|_| Kind::Internal.into())
    }
}

fn argon2id() -> Result<Argon2<'static>, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &str) -> Result<String, Error> {
    Ok(argon2id()?.hash_password(normal(password).as_bytes()).map_err(failed)?.to_string())
}

/// Tries the password as it was typed, too: it was hashed like that once.
fn verify(password: &str, stored: &str) -> bool {
    let Ok(hash) = PasswordHash::new(stored) else { return false };
    let is = |password: &str| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
    let normal = normal(password);
    is(&normal) || (normal != password && is(password))
}

/// Keyboards differ in how they put an accented letter together: NFKC, as NIST SP 800-63B has it.
fn normal(password: &str) -> String {
    password.nfkc().collect()
}

fn failed(error: impl std::fmt::Display) -> Error {
    tracing::error!(%error, "a password could not be hashed");
    Kind::Internal.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_kept_as_owasp_recommends_and_recognised() -> Result<(), Error> {
        let passwords = Passwords::new()?;
        let stored = passwords.hash("correct horse".into()).await?;
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(passwords.verify("correct horse".into(), Some(stored.clone())).await?);
        assert!(!passwords.verify("wrong horse".into(), Some(stored)).await?);
        assert!(!passwords.verify("correct horse".into(), None).await?);
        Ok(())
    }

    #[test]
    fn a_password_is_the_same_however_its_letters_are_put_together() -> Result<(), Error> {
        let (composed, apart, wide) = ("caf\u{e9} au lait", "cafe\u{301} au lait", "ｃａｆ\u{e9} au lait");
        let stored = hash(apart)?;
        assert!([composed, apart, wide].iter().all(|typed| verify(typed, &stored)));
        assert!(!verify("cafe au lait", &stored));
        let before = argon2id()?.hash_password(apart.as_bytes()).map_err(failed)?.to_string();
        assert!(verify(apart, &before), "a hash from before");
        Ok(())
    }
}
