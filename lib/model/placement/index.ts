export { choosePlacement, type Placement } from "./choose-placement";
export type { Candidate, NodeFacts, PlacementRequest } from "./request";
export { findStanding } from "./standing";
export { unfitness } from "./unfitness";
