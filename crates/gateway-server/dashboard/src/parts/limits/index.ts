// Budgets and rate limits, whoever's they are: `LimitsUse` shows them with their use, `LimitsForm` sets them;
// `LimitsEditor` edits a `LimitsDraft`, which `draftOf` makes of an answer and `limitsOf` makes into what is sent; `Activity` is what somebody did lately.

export { Activity, type ActivityProps } from "./Activity";
export { draftOf, type LimitsDraft, limitsOf, NO_LIMITS, type WithLimits } from "./draft";
export { LimitsEditor, type LimitsEditorProps } from "./LimitsEditor";
export { LimitsForm, type LimitsFormProps } from "./LimitsForm";
export { BudgetMeter, LimitsUse, type LimitsUseProps, RateSummary } from "./LimitsUse";
export { budgetWords, perWindow, resetWords, spanWords } from "./windows";
