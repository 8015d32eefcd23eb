//! Asking who listens and who is present, and ending a user's connections.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use earshot_live::pusher::channel;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Context;
use crate::http::{Answer, Refusal, about, may_be_asked};

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    filter_by_prefix: String,
    #[serde(default)]
    info: String,
}

pub async fn all(State(context): State<Arc<Context>>, Query(asked): Query<Asked>) -> Answer {
    may_be_asked(&asked.filter_by_prefix, &asked.info)?;
    let channels = &context.hub.registry().channels;
    let names = channels.names().into_iter().filter(|name| name.starts_with(&asked.filter_by_prefix));
    let channels: Value = names.map(|name| (name.to_owned(), about(channels, name, &asked.info))).collect();
    Ok(Json(json!({ "channels": channels })))
}

pub async fn one(
    State(context): State<Arc<Context>>,
    Path((_, name)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Answer {
    may_be_asked(&name, &asked.info)?;
    let channels = &context.hub.registry().channels;
    let mut told = about(channels, &name, &asked.info);
    told["occupied"] = (channels.count(&name) > 0).into();
    Ok(Json(told))
}

pub async fn users(State(context): State<Arc<Context>>, Path((_, name)): Path<(String, String)>) -> Answer {
    if channel::kind(&name) != Some(channel::Kind::Presence) {
        return Err(Refusal::bad("Users are present on presence channels only."));
    }
    let registry = context.hub.registry();
    let users: Vec<Value> = registry.channels.present(&name).into_keys().map(|id| json!({ "id": id })).collect();
    Ok(Json(json!({ "users": users })))
}

#[derive(Deserialize)]
pub struct ByUser {
    user: String,
}

pub async fn terminate(State(context): State<Arc<Context>>, Path(ByUser { user }): Path<ByUser>) -> Answer {
    context.hub.terminate(&user);
    Ok(Json(json!({})))
}
