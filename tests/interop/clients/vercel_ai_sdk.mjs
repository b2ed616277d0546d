// The Vercel AI SDK: streamText, whose base URL ends in /v1; with `agent`, it runs the tool and goes on.
import { createAnthropic } from "@ai-sdk/anthropic";
import { jsonSchema, stepCountIs, streamText, tool } from "ai";
import { BUDGET, KEY, PROMPT, SCHEMA, TOOLS, limits, work } from "./worker.mjs";

await work(async (job, answer) => {
  const anthropic = createAnthropic({ apiKey: KEY, ...(job.url && { baseURL: `${job.url}/v1` }) });
  const execute = job.how === "agent" ? { execute: async () => "-6 degrees, snow" } : {};
  const made = () => tool({ inputSchema: jsonSchema(SCHEMA), ...execute });
  const result = streamText({
    model: anthropic(job.thinking ? "claude-sonnet-4-5" : "claude-haiku-4-5"),
    prompt: PROMPT,
    ...limits(job),
    stopWhen: stepCountIs(3),
    abortSignal: AbortSignal.timeout(1000 * (job.timeout ?? 10)),
    onError: () => {},
    ...(job.tools && { tools: Object.fromEntries(TOOLS.map((name) => [name, made()])) }),
    ...(job.thinking && { providerOptions: { anthropic: { thinking: { type: "enabled", budgetTokens: BUDGET } } } }),
  });
  for await (const part of result.fullStream) {
    if (part.type === "text-delta") answer.text += part.text;
    if (part.type === "reasoning-delta") answer.thinking += part.text;
    if (part.type === "tool-call") answer.tools.push({ name: part.toolName, input: part.input });
    if (part.type === "finish-step") answer.stop = part.rawFinishReason ?? part.finishReason;
    if (part.type === "abort") Object.assign(answer, { class: "AbortError", error: "AbortError: the time is over" });
    if (part.type === "error") {
      const { error } = part;
      answer.class = error?.constructor?.name;
      answer.error = `${error?.constructor?.name}: ${error?.message ?? JSON.stringify(error)}`;
    }
  }
});
