/** Adds cdktf's matchers to jest; imported by the tests that use them, as loading cdktf takes a moment. */
import { Testing } from "cdktf";
import "cdktf/lib/testing/adapters/jest";

Testing.setupJest();
