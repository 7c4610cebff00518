//! The server: configuration, routes, WebSocket sessions, sign-in, jobs. The only room that knows
//! HTTP, and the only one that joins presence and store.

pub mod accept;
pub mod auth;
pub mod backup;
pub mod cli;
pub mod clock;
pub mod config;
pub mod data;
pub mod database;
pub mod demo;
pub mod error;
pub mod http;
pub mod hub;
mod jobs;
pub mod log;
pub mod manage;
pub mod messages;
pub mod metrics;
pub mod network;
pub mod nodes;
pub mod presence;
pub mod readiness;
pub mod server;
pub mod service;
pub mod site;
pub mod socket;
pub mod state;
pub mod validate;
