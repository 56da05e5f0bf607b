// What models can do, in words.

const ABILITIES: Record<string, string> = {
  image_in: "sees pictures",
  pdf_in: "reads PDFs",
  audio_in: "hears",
  audio_out: "speaks",
  video_in: "sees video",
  tools: "tools",
  reasoning: "reasoning",
  json_schema: "JSON schema",
  prompt_cache: "prompt cache",
  web_search: "web search",
  parallel_tools: "parallel tools",
  computer_use: "computer use",
  tool_choice: "tool choice",
};

/** What an ability is called. */
export function ability(cap: string): string {
  return ABILITIES[cap] ?? cap.replaceAll("_", " ");
}
