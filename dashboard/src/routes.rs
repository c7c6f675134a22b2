//! Which address leads where.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn;
use axum::routing::{get, post};

use crate::dashboard::Dashboard;
use crate::guard::{harden, only_from_here};
use crate::refusal::Refusal;
use crate::views;

/// The most bytes of a form: four fields of 2,000 characters, each written as `%XX`.
const LARGEST_FORM: usize = 64 * 1024;

/// The pages of a dashboard. The address of a case is that of its letter: `/HEDGE-42`.
pub fn router(dashboard: Arc<Dashboard>) -> Router {
    Router::new()
        .route("/", get(views::today))
        .route("/sign-in", get(views::sign_in_form).post(views::sign_in))
        .route("/sign-out", post(views::sign_out))
        .route("/style.css", get(views::style))
        .route("/icon.svg", get(views::icon))
        .route("/{code}", get(views::case))
        .route("/{code}/take", post(views::take))
        .route("/{code}/told", post(views::told))
        .route("/{code}/hand-over", post(views::hand_over))
        .route("/{code}/pass-on", post(views::pass_on))
        .route("/{code}/pass-welfare", post(views::pass_welfare))
        .route("/{code}/close", post(views::close))
        .fallback(async || Refusal::NotHere)
        .method_not_allowed_fallback(async || Refusal::NotSo)
        .with_state(dashboard)
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(from_fn(only_from_here))
        .layer(from_fn(harden))
}
