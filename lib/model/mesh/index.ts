export * from "./address-book";
export * from "./address-plan";
export * from "./host-range";
export * from "./mesh";
export * from "./mycelium";
export * from "./wireguard";
