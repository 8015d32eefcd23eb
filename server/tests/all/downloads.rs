//! Files on their way out: what a browser keeps of them, how a part is asked for, and under which name they come.

use bytes::Bytes;
use futures::stream;

use crate::files::header;
use crate::support::database::Database;
use crate::support::world::{World, picture};
use crate::support::{in_a_bucket, on_both};

on_both!(
    a_browser_asks_each_time_and_need_not_fetch_again,
    a_download_that_broke_off_goes_on,
    a_name_ends_in_no_path_and_in_no_header,
    a_file_of_many_parts_comes_back_as_it_was,
);

in_a_bucket!(a_download_that_broke_off_goes_on, a_file_of_many_parts_comes_back_as_it_was,);

async fn a_browser_asks_each_time_and_need_not_fetch_again(database: Database) {
    let world = World::new(database).await;
    let (file, _) = world.mia.send_file(world.closed, "dot.png", picture(2, 2)).await;
    for path in [format!("/files/{file}"), format!("/files/{file}/thumbnail")] {
        let answer = world.mia.fetch(&path, &[]).await;
        assert_eq!(header(&answer, "cache-control"), "private, no-cache");
        let tag = header(&answer, "etag").to_owned();
        let again = world.mia.fetch(&path, &[("if-none-match", &tag)]).await;
        assert_eq!((again.status().as_u16(), again.bytes().await.unwrap().len()), (304, 0));
        assert_eq!(world.sam.fetch(&path, &[("if-none-match", &tag)]).await.status(), 404);
        assert_eq!(world.mia.fetch(&path, &[("if-none-match", "\"0\"")]).await.status(), 200);
    }
}

async fn a_download_that_broke_off_goes_on(database: Database) {
    let world = World::new(database).await;
    let (file, _) = world.mia.send_file(world.open, "letters.txt", "abcdefghij").await;
    let path = format!("/files/{file}");
    for (range, status, content_range, body) in [
        ("bytes=3-5", 206, "bytes 3-5/10", "def"),
        ("bytes=7-", 206, "bytes 7-9/10", "hij"),
        ("bytes=-2", 206, "bytes 8-9/10", "ij"),
        ("bytes=10-", 416, "bytes */10", ""),
        ("bytes=0-1,4-5", 200, "", "abcdefghij"),
    ] {
        let answer = world.mia.fetch(&path, &[("range", range)]).await;
        assert_eq!((answer.status().as_u16(), header(&answer, "content-range")), (status, content_range), "{range}");
        assert_eq!(answer.text().await.unwrap(), body, "{range}");
    }
    assert_eq!(world.sam.fetch(&path, &[]).await.content_length(), Some(10));
}

async fn a_name_ends_in_no_path_and_in_no_header(database: Database) {
    let world = World::new(database).await;
    for (name, clean, disposition) in [
        ("../../etc/passwd", "passwd", "attachment; filename*=UTF-8''passwd"),
        ("photo_\u{202e}gpj.exe", "photo_gpj.exe", "attachment; filename*=UTF-8''photo_gpj.exe"),
        (
            "a\"; x=\r\nSet-Cookie: y.txt",
            "a\"; x=Set-Cookie: y.txt",
            "attachment; filename*=UTF-8''a%22%3B%20x%3DSet-Cookie%3A%20y.txt",
        ),
        ("über 日本.txt", "über 日本.txt", "attachment; filename*=UTF-8''%C3%BCber%20%E6%97%A5%E6%9C%AC.txt"),
    ] {
        let file = world.mia.file(world.open, name, "x").await;
        assert_eq!(file["name"], clean);
        let answer = world.mia.fetch(&format!("/files/{}", file["id"]), &[]).await;
        assert_eq!(header(&answer, "content-disposition"), disposition);
        assert!(answer.headers().get("set-cookie").is_none());
    }
}

async fn a_file_of_many_parts_comes_back_as_it_was(database: Database) {
    let world = World::new(database).await;
    let blobs = &world.server.state.blobs;
    let bytes: Vec<u8> = (0..12_000_000).map(|at| (at % 251) as u8).collect();
    let pieces: Vec<Bytes> = bytes.chunks(100_000).map(Bytes::copy_from_slice).collect();
    let size = blobs.put("large", stream::iter(pieces.into_iter().map(Ok))).await.unwrap();
    assert_eq!(size, 12_000_000);
    assert!(blobs.read("large").await.unwrap() == bytes, "each byte is where it was");
}
