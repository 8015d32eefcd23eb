//! Work that only one of several servers does at a time.

use earshot_live::store::Work;

/// Making exports.
pub const EXPORTING: Work = Work(1);
/// Sending to an outside service, in order.
pub const SENDING: Work = Work(2);
/// Clearing away what is old.
pub const TIDYING: Work = Work(3);
