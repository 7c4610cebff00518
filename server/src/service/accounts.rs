//! Making accounts.

use super::{invitations, workspaces};
use crate::{
    auth::Secret,
    config::SignUpMode,
    error::Error,
    state::AppState,
    validate::{self, Invalid},
};
use protocol::{ErrorCode, User, UserId, WorkspaceId, WorkspaceRole};
use std::net::IpAddr;
use store::{NewUser, StoreError};
use uuid::Uuid;

/// What the first account's workspace is called unless the person says otherwise.
const FIRST_WORKSPACE: &str = "Home";

/// What a person gives to get an account.
#[derive(Clone, Default)]
pub struct SignUp {
    /// The name used to sign in.
    pub username: String,
    /// The name that others see.
    pub display_name: String,
    /// The password, as typed.
    pub password: String,
    /// The secret of an invitation, if they hold one.
    pub invitation: Option<String>,
    /// The name of the first workspace; only the first account is asked for it.
    pub workspace: Option<String>,
}

/// Why no account was made; forms say it beside the field.
#[derive(Debug, thiserror::Error)]
pub enum SignUpError {
    /// The username cannot be one.
    #[error("{0}")]
    Username(Invalid),
    /// Somebody has it.
    #[error("This username is already taken.")]
    UsernameTaken,
    /// The display name cannot be one.
    #[error("{0}")]
    DisplayName(Invalid),
    /// The password cannot be one.
    #[error("{0}")]
    Password(Invalid),
    /// The workspace's name cannot be one.
    #[error("{0}")]
    Workspace(Invalid),
    /// The invitation is unknown, used up or too old, or one is needed.
    #[error("A valid invitation is needed. Ask for a new link.")]
    Invitation,
    /// Nobody can make an account.
    #[error("Sign-up is closed on this server.")]
    Closed,
    /// Anything else.
    #[error(transparent)]
    Other(#[from] Error),
}

impl From<StoreError> for SignUpError {
    fn from(error: StoreError) -> Self {
        Self::Other(error.into())
    }
}

impl From<SignUpError> for Error {
    fn from(error: SignUpError) -> Self {
        let code = match error {
            SignUpError::Username(invalid)
            | SignUpError::DisplayName(invalid)
            | SignUpError::Password(invalid)
            | SignUpError::Workspace(invalid) => return invalid.into(),
            SignUpError::Other(error) => return error,
            SignUpError::UsernameTaken => ErrorCode::Conflict,
            SignUpError::Invitation => ErrorCode::Forbidden,
            SignUpError::Closed => ErrorCode::Disabled,
        };
        Self::refused(code, error.to_string())
    }
}

/// Makes an account for somebody at this address. The first one administers the installation and gets a
/// workspace; a later one joins the workspace of its invitation, or else the first one.
///
/// # Errors
/// See [`SignUpError`]; no account is made then.
pub async fn sign_up(
    state: &AppState,
    request: SignUp,
    address: IpAddr,
) -> Result<User, SignUpError> {
    let username = validate::username(&request.username).map_err(SignUpError::Username)?;
    let display_name =
        validate::display_name(&request.display_name).map_err(SignUpError::DisplayName)?;
    validate::password(&request.password).map_err(SignUpError::Password)?;
    let workspace = request.workspace.as_deref().unwrap_or(FIRST_WORKSPACE);
    let workspace = validate::name(workspace).map_err(SignUpError::Workspace)?;
    state.gate.charge_sign_up(address)?;
    let invitation = request
        .invitation
        .as_deref()
        .filter(|secret| !secret.is_empty());
    let invitation = check_admission(state, invitation).await?;
    if state.store.user_by_username(&username).await?.is_some() {
        return Err(SignUpError::UsernameTaken);
    }
    let password_hash = state
        .passwords
        .hash(request.password)
        .await
        .map_err(Error::from)?;
    let user = NewUser {
        user_id: UserId::from_uuid(Uuid::now_v7()),
        username,
        display_name,
        password_hash,
        created_at: state.clock.now(),
    };
    let made = match &invitation {
        Some(secret) => {
            let made = state.store.create_invited_user(user, &secret.hash()).await;
            made.map(|made| made.map(|(user, workspace)| (user, Some(workspace))))
        }
        None => state
            .store
            .create_user(user)
            .await
            .map(|it| Some((it, None))),
    };
    let made = made.map_err(|error| match error {
        StoreError::Conflict { .. } => SignUpError::UsernameTaken,
        other => other.into(),
    })?;
    // Somebody else has used the invitation up meanwhile.
    let (user, invited_to) = made.ok_or(SignUpError::Invitation)?;
    tracing::info!(user = %user.user_id, is_admin = user.is_admin, "account_created");
    settle(state, &user, invited_to, &workspace).await?;
    Ok(user)
}

/// The invitation that is to be used, if any.
async fn check_admission(
    state: &AppState,
    invitation: Option<&str>,
) -> Result<Option<Secret>, SignUpError> {
    if !state.store.has_users().await? {
        return Ok(None);
    }
    match (state.config.sign_up.mode, invitation) {
        (SignUpMode::Closed, _) => Err(SignUpError::Closed),
        (SignUpMode::Invitation, None) => Err(SignUpError::Invitation),
        (_, Some(secret)) => {
            let is_known = invitations::find(state, secret).await?.is_some();
            let secret = Secret::parse(secret).filter(|_| is_known);
            secret.map(Some).ok_or(SignUpError::Invitation)
        }
        (SignUpMode::Open, None) => Ok(None),
    }
}

async fn settle(
    state: &AppState,
    user: &User,
    invited_to: Option<WorkspaceId>,
    workspace: &str,
) -> Result<(), Error> {
    let me = user.user_id;
    if user.is_admin {
        workspaces::create(state, me, workspace).await?;
        return Ok(());
    }
    if let Some(workspace) = invited_to {
        return invitations::welcome(state, workspace, me).await;
    }
    if state.config.sign_up.mode == SignUpMode::Open
        && let Some(first) = state.store.first_workspace().await?
    {
        let now = state.clock.now();
        state
            .store
            .add_workspace_member(first, me, WorkspaceRole::Member, now)
            .await?;
        invitations::welcome(state, first, me).await?;
    }
    Ok(())
}
