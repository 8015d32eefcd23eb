use std::sync::atomic::{AtomicU32, Ordering};

use futures::future::join_all;
use tokio::sync::oneshot;

use super::*;
use crate::object::Reference;
use crate::testing::{DELETED, EDITED, LEFT, MESSAGE, RENAMED, ROOM, TEAM, USER};
use crate::timestamp::Timestamp;

fn invalidated_by(notice: &Notice) -> Invalidated {
    match (notice.action, notice.reference.entity) {
        (DELETED, _) => Invalidated::Nothing,
        (RENAMED, _) => Invalidated::Everything,
        (_, MESSAGE) => Invalidated::Changed,
        _ => Invalidated::ChangedAndHeardOn,
    }
}

fn edited(id: i64) -> Notice {
    let reference = Reference { entity: MESSAGE, id, seq: 1, changed: Timestamp(0), by: "Ada".into() };
    Notice { object: ROOM.object(7), action: EDITED, reference }
}

async fn ask(cache: &Cache, reads: &AtomicU32) -> u32 {
    let load = async {
        tokio::task::yield_now().await;
        Ok(Some(reads.fetch_add(1, Ordering::SeqCst)))
    };
    *cache.row(MESSAGE, 1, load).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_row_is_read_once_for_all_who_ask_until_it_changes() {
    let (cache, reads) = (Cache::new(10, invalidated_by), AtomicU32::new(0));
    assert!(join_all((0..100).map(|_| ask(&cache, &reads))).await.iter().all(|answer| *answer == 0));
    cache.forget(&[edited(2)]);
    assert_eq!(ask(&cache, &reads).await, 0);
    cache.forget(&[edited(1)]);
    assert_eq!(ask(&cache, &reads).await, 1);
}

#[tokio::test]
async fn who_asks_after_a_commit_does_not_join_a_reading_that_began_before_it() {
    let cache = Cache::new(10, invalidated_by);
    let (answer, before) = oneshot::channel::<&str>();
    let old = async { Ok(Some(before.await.unwrap())) };
    let new = async {
        // The first is still being read now.
        cache.forget(&[edited(1)]);
        let new = cache.row(MESSAGE, 1, async { Ok(Some("new")) }).await;
        answer.send("old").unwrap();
        new
    };
    let (old, new) = tokio::join!(cache.row(MESSAGE, 1, old), new);
    assert_eq!((*old.unwrap().unwrap(), *new.unwrap().unwrap()), ("old", "new"));
    let later = cache.row(MESSAGE, 1, async { Ok(Some("read again")) }).await;
    assert_eq!(*later.unwrap().unwrap(), "new");
}

#[tokio::test]
async fn what_is_said_of_somebody_on_a_room_may_change_the_rights_in_it_but_what_is_said_of_a_message_does_not() {
    let (cache, reads) = (Cache::new(10, invalidated_by), AtomicU32::new(0));
    let left = Notice { action: LEFT, ..edited(3) };
    let left = Notice { reference: Reference { entity: USER, ..left.reference }, ..left };
    for (notice, expected) in [(edited(1), 0), (left, 1)] {
        let facts = || cache.row(ROOM, 7, async { Ok(Some(reads.fetch_add(1, Ordering::SeqCst))) });
        facts().await.unwrap();
        cache.forget(&[notice]);
        assert_eq!(*facts().await.unwrap().unwrap(), expected);
    }
}

#[tokio::test]
async fn a_notice_invalidates_what_the_program_says() {
    let (cache, reads) = (Cache::new(10, invalidated_by), AtomicU32::new(0));
    ask(&cache, &reads).await;
    cache.forget(&[Notice { action: DELETED, ..edited(1) }]);
    assert_eq!(ask(&cache, &reads).await, 0);
    cache.forget(&[Notice { object: TEAM.object(1), action: RENAMED, ..edited(3) }]);
    assert_eq!(ask(&cache, &reads).await, 1);
}

#[tokio::test]
async fn rows_that_are_read_together_are_kept_unless_something_was_committed_meanwhile() {
    let cache = Cache::new(10, invalidated_by);
    let read = async |commits: bool| {
        let load = async {
            if commits {
                cache.forget(&[edited(2)]);
            }
            Ok(vec![(1, "read"), (2, "read")])
        };
        cache.rows(MESSAGE, &[1, 2], load).await.unwrap();
    };
    let asked = async || *cache.row(MESSAGE, 2, async { Ok(Some("asked")) }).await.unwrap().unwrap();
    read(false).await;
    assert_eq!(asked().await, "read");
    cache.forget(&[edited(2)]);
    read(true).await;
    assert_eq!(asked().await, "asked");
    let all = cache.rows(MESSAGE, &[1, 2], async { Err(Kind::Internal.into()) }).await.unwrap();
    assert_eq!(all.iter().map(|row| **row).collect::<Vec<&str>>(), ["read", "asked"], "nothing is left to read");
}

#[tokio::test]
async fn without_room_for_anything_every_question_is_read() {
    let (cache, reads) = (Cache::new(0, invalidated_by), AtomicU32::new(0));
    assert_eq!((ask(&cache, &reads).await, ask(&cache, &reads).await), (0, 1));
}
