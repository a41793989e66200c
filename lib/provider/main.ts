// Keep this first: it must run before any library has a chance to print.
import "./server/process/stdout-guard";
import { PROVIDER_SOURCE } from "../core/provider-source";
import { defineProvider } from "./definition";
import { stderrLog } from "./server/process/stderr-log";
import { runProvider } from "./server/run-provider";

runProvider(defineProvider({ env: process.env, log: stderrLog }), PROVIDER_SOURCE);
