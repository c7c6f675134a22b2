//! The two files that pages link to.

use axum::http::header;
use axum::response::IntoResponse;

/// The style sheet.
pub(crate) async fn style() -> impl IntoResponse {
    let text = include_str!("../../assets/style.css");
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], text)
}

/// The picture in the browser's tab.
pub(crate) async fn icon() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "image/svg+xml")], include_str!("../../assets/icon.svg"))
}
