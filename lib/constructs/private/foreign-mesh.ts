import type { IConstruct } from "constructs";
import { GridError } from "../../core/errors";
import type { NetworkMesh } from "../network-mesh";

/** A mesh has one owner: what joins it lives in the same stack. */
export function foreignMesh(construct: IConstruct, mesh: NetworkMesh): GridError {
  return new GridError({
    code: "TFG_FOREIGN_MESH",
    summary: `${construct.constructor.name} "${construct.node.path}" cannot join a mesh of another stack.`,
    facts: { mesh: mesh.node.path },
    standing: "Nothing was started.",
    remedy: "make it in the mesh's own stack, or give this stack a mesh of its own.",
  });
}
