"""The calls around people."""

from fastapi import APIRouter

from oasst_backend.api.bodies import FrontEndUserBody
from oasst_backend.api.dependencies import BackendDep, ClientDep
from oasst_backend.service import people as people_service
from oasst_client import FrontEndUser

router = APIRouter(prefix="/api/v1", tags=["people"])


@router.post("/frontend_users/")
async def put_user(backend: BackendDep, client: ClientDep, body: FrontEndUserBody) -> FrontEndUser:
    """Make a person known, or change what the body names of them."""
    given = body.model_dump(exclude_unset=True)
    return await backend.write(
        lambda connection, context: people_service.put_person(connection, context, client, body, given)
    )


@router.get("/frontend_users/{auth_method}/{username}")
async def get_user(backend: BackendDep, _client: ClientDep, auth_method: str, username: str) -> FrontEndUser:
    """Show a person."""
    return await backend.read(
        lambda connection, context: people_service.front_end_user(
            people_service.find_person(connection, auth_method, username), context.now
        )
    )
