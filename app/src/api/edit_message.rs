use crate::{codec::Json, error::AppError};
use leptos::prelude::*;
use protocol::{ChatId, Message, MessageId};

/// Changes the text of one's own message.
#[server(prefix = "/fn", endpoint = "edit_message", protocol = Json)]
pub async fn edit_message(
    chat_id: ChatId,
    id: MessageId,
    text: String,
) -> Result<Message, AppError> {
    crate::service::service()?
        .edit_message(chat_id, id, text)
        .await
}
