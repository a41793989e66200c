export * from "./address-book";
export * from "./address-plan";
export * from "./mesh";
export * from "./mycelium";
export * from "./wireguard";
