//! Requests to the HTTP API with any path, query and body, signed or not: each is answered, and none is the server's fault.
#![no_main]

use std::sync::{LazyLock, Mutex};

use axum::body::{Body, to_bytes};
use earshot_live::pusher::signature;
use earshot_live::timestamp::Timestamp;
use fuzz::World;
use http::{Method, Request, Uri};
use libfuzzer_sys::fuzz_target;
use md5::{Digest, Md5};
use tower::ServiceExt;

static WORLD: LazyLock<Mutex<World>> = LazyLock::new(Mutex::default);

// The first line is the path below the app, with its query, behind a `!` when it is not to be signed; the rest is the body.
fuzz_target!(|input: &[u8]| {
    let (line, body) = input.split_at(input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len()));
    let body = body.strip_prefix(b"\n").unwrap_or_default();
    let Ok(line) = std::str::from_utf8(line) else { return };
    let (line, signed) = line.strip_prefix('!').map_or((line, true), |line| (line, false));
    let (path, parameters) = line.split_once('?').unwrap_or((line, ""));
    let world = WORLD.lock().expect("one at a time");
    let keys = &world.context.keys;
    let method = if body.is_empty() { Method::GET } else { Method::POST };
    let path = format!("/apps/{}/{path}", keys.app_id);
    let mut query: Vec<(String, String)> = parameters
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(name, value)| {
            [name, value].iter().all(|part| part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
        })
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    if signed {
        query.retain(|(name, _)| !name.starts_with("auth_") && name != "body_md5");
        query.extend([
            ("auth_key".into(), keys.key.clone()),
            ("auth_timestamp".into(), (Timestamp::now().0 / 1_000_000).to_string()),
            ("auth_version".into(), "1.0".into()),
            ("body_md5".into(), hex::encode(Md5::digest(body))),
        ]);
        let text = signature::request_text(method.as_str(), &path, &query);
        query.push(("auth_signature".into(), signature::sign(&keys.secret, &text)));
    }
    let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let Ok(uri) = format!("{path}?{}", query.join("&")).parse::<Uri>() else { return };
    let request = Request::builder().method(method).uri(uri).body(Body::from(body.to_vec())).expect("a request");
    world.runtime.block_on(async {
        let answer = earshot_hub::sockets((*world.context).clone()).oneshot(request).await.expect("an answer");
        let status = answer.status();
        let told = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
        assert!(!status.is_server_error(), "{status}: {}", String::from_utf8_lossy(&told));
        assert!(told.len() < 1_000_000);
    });
});
