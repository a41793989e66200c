import type { IConstruct } from "constructs";
import { GridError } from "../../core/errors";
import type { IMesh, NetworkMesh } from "../network-mesh";

/** True for a mesh that this program owns: only its owner adds members. */
export function isOwnMesh(mesh: IMesh | undefined): mesh is NetworkMesh {
  return mesh !== undefined && "addMember" in mesh;
}

/** A mesh has one owner: what joins it lives in the same stack, or says so with a `JoinedMesh`. */
export function foreignMesh(construct: IConstruct, mesh: IMesh): GridError {
  return new GridError({
    code: "TFG_FOREIGN_MESH",
    summary: `${construct.constructor.name} "${construct.node.path}" cannot join a mesh of another stack.`,
    facts: { mesh: mesh.node.path },
    standing: "Nothing was started.",
    remedy: "make it in the mesh's own stack, join the mesh with a JoinedMesh, or give this stack a mesh of its own.",
  });
}
