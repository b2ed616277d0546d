// The official TypeScript SDK, three ways: raw events, the stream helper, and a helper that is aborted.
import Anthropic from "@anthropic-ai/sdk";
import { BUDGET, KEY, PROMPT, SCHEMA, TOOLS, limits, work } from "./worker.mjs";

function request({ thinking, tools }) {
  return {
    model: thinking ? "claude-sonnet-4-5" : "claude-haiku-4-5",
    max_tokens: 2048,
    messages: [{ role: "user", content: PROMPT }],
    ...(thinking && { thinking: { type: "enabled", budget_tokens: BUDGET } }),
    ...(tools && { tools: TOOLS.map((name) => ({ name, input_schema: SCHEMA })) }),
  };
}

// A tool's input. If it is not JSON, because it was cut, it stays text.
function parsed(json) {
  try {
    return JSON.parse(json || "{}");
  } catch {
    return json;
  }
}

async function raw(client, job, answer) {
  const pieces = [];
  for await (const event of await client.messages.create({ ...request(job), stream: true })) {
    const { type, delta } = event;
    if (type === "content_block_start" && event.content_block.type === "tool_use") {
      pieces.push({ name: event.content_block.name, json: "" });
    }
    if (delta?.type === "text_delta") answer.text += delta.text;
    if (delta?.type === "thinking_delta") answer.thinking += delta.thinking;
    if (delta?.type === "input_json_delta") pieces.at(-1).json += delta.partial_json;
    if (type === "message_delta") answer.stop = delta.stop_reason;
  }
  answer.tools = pieces.map(({ name, json }) => ({ name, input: parsed(json) }));
}

async function helper(client, job, answer) {
  const stream = client.messages.stream(request(job));
  stream.on("text", (text) => (answer.text += text));
  stream.on("thinking", (thinking) => (answer.thinking += thinking));
  const message = await stream.finalMessage();
  answer.final = message;
  answer.tools = message.content.filter((b) => b.type === "tool_use").map(({ name, input }) => ({ name, input }));
  answer.stop = message.stop_reason;
}

async function abort(client, job, answer) {
  const stream = client.messages.stream(request(job));
  stream.on("text", (text) => {
    answer.text += text;
    stream.abort();
  });
  await stream.finalMessage();
}

await work(async (job, answer) => {
  const client = new Anthropic({ apiKey: KEY, ...limits(job, "timeout"), ...(job.url && { baseURL: job.url }) });
  await { raw, helper, abort }[job.how](client, job, answer);
});
