//! Asking who listens and who is present, and ending a user's connections.

use std::sync::Arc;

use app::pusher::channel;
use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::AppState;
use crate::hub::http::{Answer, Refusal, about};

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    filter_by_prefix: String,
    #[serde(default)]
    info: String,
}

pub async fn all(State(state): State<Arc<AppState>>, Query(asked): Query<Asked>) -> Answer {
    let counts_users = asked.info.split(',').any(|name| name.trim() == "user_count");
    if counts_users && !asked.filter_by_prefix.starts_with("presence-") {
        return Err(Refusal::bad("Users are counted on presence channels only: filter by the prefix 'presence-'."));
    }
    let names: Vec<String> = {
        let registry = state.hub.0.registry();
        let names = registry.channels.names().filter(|name| name.starts_with(&asked.filter_by_prefix));
        names.map(str::to_owned).collect()
    };
    let channels: Value = names.iter().map(|name| (name.clone(), about(&state, name, &asked.info))).collect();
    Ok(Json(json!({ "channels": channels })))
}

pub async fn one(
    State(state): State<Arc<AppState>>,
    Path((_, name)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Answer {
    let mut told = about(&state, &name, &asked.info);
    told["occupied"] = (!state.hub.0.registry().channels.listeners(&name).is_empty()).into();
    Ok(Json(told))
}

pub async fn users(State(state): State<Arc<AppState>>, Path((_, name)): Path<(String, String)>) -> Answer {
    if channel::kind(&name) != Some(channel::Kind::Presence) {
        return Err(Refusal::bad("Users are present on presence channels only."));
    }
    let registry = state.hub.0.registry();
    let users: Vec<Value> = registry.channels.users(&name).into_iter().map(|id| json!({ "id": id })).collect();
    Ok(Json(json!({ "users": users })))
}

pub async fn terminate(State(state): State<Arc<AppState>>, Path((_, user)): Path<(String, String)>) -> Answer {
    state.hub.0.change(|registry| registry.terminate(&user));
    Ok(Json(json!({})))
}
