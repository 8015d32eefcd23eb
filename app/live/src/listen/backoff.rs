//! How long to wait before connecting again, as protocol 7 asks by its close codes.

use std::time::Duration;

/// A first and a second try wait between this and twice this.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);
/// So that those whom one server sent away do not all come back in the same moment.
const AT_ONCE: Duration = Duration::from_millis(500);

/// How long until the next try. `failures` counts tries in a row before it that did not connect; `random` is in 0..1.
pub fn delay(failures: u32, close_code: u16, random: f64) -> Duration {
    let (base, spread) = match close_code {
        4200..=4299 if failures == 0 => (Duration::ZERO, AT_ONCE),
        _ => {
            let base = (FIRST * 2_u32.pow(failures.saturating_sub(1).min(5))).min(LONGEST);
            (base, base)
        }
    };
    base + spread.mul_f64(random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_connection_is_tried_again_within_one_to_two_seconds() {
        assert_eq!(delay(0, 1006, 0.0), Duration::from_secs(1));
        assert!((Duration::from_millis(1_990)..Duration::from_secs(2)).contains(&delay(0, 1006, 0.999)));
        assert_eq!(delay(1, 1006, 0.0), Duration::from_secs(1));
    }

    #[test]
    fn a_server_that_says_come_back_is_tried_at_once_but_only_once() {
        assert!(delay(0, 4200, 0.999) < AT_ONCE);
        assert!(delay(1, 4200, 0.0) >= Duration::from_secs(1));
    }

    #[test]
    fn the_pause_grows_to_a_bound() {
        assert!(delay(2, 1006, 0.0) > delay(1, 1006, 0.0));
        assert_eq!(delay(1_000, 1006, 0.0), Duration::from_secs(30));
    }
}
