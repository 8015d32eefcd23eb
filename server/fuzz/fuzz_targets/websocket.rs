//! What a client writes, in pieces of any size: the messages are the same in whatever pieces they come, and nothing is kept
//! beyond what one message may hold.
#![no_main]

use earshot_hub::fuzzing::{decode, most_kept};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let (size, bytes) = input;
    let whole = decode(&[bytes]);
    let pieces: Vec<&[u8]> = bytes.chunks(usize::from(size) + 1).collect();
    let parted = decode(&pieces);
    assert!(parted.kept <= most_kept(), "{} bytes are kept", parted.kept);
    assert_eq!(whole.fault, parted.fault);
    // Behind a fault nothing is read any more, also of what came in the same piece before it.
    if whole.fault.is_none() {
        assert_eq!(whole.messages, parted.messages);
    }
});
