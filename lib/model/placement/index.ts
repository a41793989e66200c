export { choosePlacement, type Placement } from "./choose-placement";
export { isDown, isMovable } from "./node-down";
export { type Candidate, type NodeFacts, ON_NODE_DOWN, type OnNodeDown, type PlacementRequest } from "./request";
export { contractsOf, findStanding, type Standing } from "./standing";
export { unfitness } from "./unfitness";
