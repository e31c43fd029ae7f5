// Mail clients know tables and inline styles; few read more. The style sheet only adds dark colours and narrow screens,
// for those that do.

const FONT = "font-family:-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif";
const MONO = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'Liberation Mono',monospace";
const TEXT = `${FONT};font-size:15px;line-height:23px;color:#1f2937`;
const LABEL = `${FONT};font-size:13px;line-height:20px;color:#6b7280`;
const TABLE = 'role="presentation" cellpadding="0" cellspacing="0" border="0"';
const WRAP = "word-break:break-word;overflow-wrap:anywhere";

/** The Mustache template of an HTML mail. What is given are templates too; none of it may hold unescaped values. */
export function htmlPage({
  heading,
  opening,
  since,
  steps,
  stepsByPeople,
  accent,
}: {
  heading: string;
  opening: string;
  since: string;
  steps: readonly string[];
  stepsByPeople?: readonly string[];
  accent: string;
}): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${heading}</title>
<style>
:root { color-scheme: light dark; }
@media (prefers-color-scheme: dark) {
  .page { background: #111418 !important; }
  .card { background: #1b2027 !important; border-left-color: #2c333d !important; border-right-color: #2c333d !important; border-bottom-color: #2c333d !important; }
  .ink { color: #e5e7eb !important; }
  .soft { color: #9ca3af !important; }
  .line { border-color: #2c333d !important; }
  .quote { background: #12161b !important; color: #d1d5db !important; border-color: #3a424e !important; }
  .link { color: #8ab4ff !important; }
}
@media (max-width: 480px) {
  .inner { padding: 20px !important; }
}
</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f3f4f6">
<table ${TABLE} width="100%" class="page" style="background:#f3f4f6">
<tr><td align="center" style="padding:24px 12px">
<table ${TABLE} width="100%" class="card" style="max-width:600px;background:#ffffff;border:1px solid #e5e7eb;border-top:4px solid ${accent};border-radius:6px">
<tr><td class="inner" style="padding:28px 32px">
<h1 class="ink" style="${FONT};font-size:21px;line-height:28px;font-weight:600;color:#111827;margin:0 0 14px;${WRAP}">${isolated(heading)}</h1>
<p class="ink" style="${TEXT};margin:0 0 8px;${WRAP}">${isolated(opening)}</p>
{{#integrations}}
${integrationBlock(since)}
{{/integrations}}
${otherIntegrations()}
{{#baseUrl}}
<p class="ink" style="${TEXT};margin:22px 0 0;${WRAP}">See <a class="link" href="{{baseUrl}}" style="color:#1d4ed8">{{baseUrl}}</a></p>
{{/baseUrl}}
${stepsByPeople === undefined ? stepList(steps) : `{{#byPeople}}\n${stepList(stepsByPeople)}\n{{/byPeople}}\n{{^byPeople}}\n${stepList(steps)}\n{{/byPeople}}`}
</td></tr>
</table>
<table ${TABLE} width="100%" style="max-width:600px">
<tr><td class="soft" style="${LABEL};font-size:12px;line-height:18px;padding:14px 32px">You get this mail because you are named as an owner of {{^several}}this integration{{/several}}{{#several}}these integrations{{/several}}. Each change is told once. Written on {{written}}.</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;
}

/** Names written from right to left do not reorder the words around them. */
function isolated(template: string): string {
  return template.replace(/\{\{(names?|switchedOffBy)\}\}/g, "<bdi>$&</bdi>");
}

function integrationBlock(since: string): string {
  return `<table ${TABLE} width="100%" class="line" style="border-top:1px solid #e5e7eb;margin-top:20px">
<tr><td style="padding-top:18px">
<p class="ink" style="${TEXT};font-weight:600;margin:0 0 10px;${WRAP}"><bdi>{{name}}</bdi>{{#organization}} <span class="soft" style="font-weight:400;color:#6b7280">· <bdi>{{organization}}</bdi></span>{{/organization}}</p>
<table ${TABLE} width="100%">
${row(since, "{{since}}")}
{{#why}}
${row("Why", "{{why}}")}
{{/why}}
{{#notBefore}}
${row("If it goes on", "Switched off on {{notBefore}} at the earliest")}
{{/notBefore}}
{{#stoppedBy}}
${row("What stops that", "{{stoppedBy}}")}
{{/stoppedBy}}
{{#meanwhile}}
${row("Webhooks", "{{meanwhile}}")}
{{/meanwhile}}
${row("Webhook URL", `<span style="${MONO};font-size:13px">{{url}}</span>`)}
{{#link}}
${row("Its page", '<a class="link" href="{{link}}" style="color:#1d4ed8">{{link}}</a>')}
{{/link}}
</table>
{{#hasDays}}
<p class="soft" style="${LABEL};margin:16px 0 4px">Attempts on the last days (UTC)</p>
<table width="100%" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse">
<tr>${["Day", "Delivered", "Errors", "No answer", "Asked to stop"].map(headCell).join("")}</tr>
{{#days}}
<tr>${["date", "success", "error", "timeout", "fatal"].map(countCell).join("")}</tr>
{{/days}}
</table>
{{/hasDays}}
{{#lastFailure}}
<p class="soft" style="${LABEL};margin:16px 0 4px">Last failure</p>
<p class="ink" style="${TEXT};margin:0;${WRAP}">{{what}}<br><span class="soft" style="${LABEL}">at {{at}}, from <span style="${MONO};font-size:12px">{{url}}</span></span></p>
{{#hasExcerpt}}
<p class="soft" style="${LABEL};margin:10px 0 4px">The receiver’s answer begins:</p>
<div class="quote" dir="auto" style="${MONO};font-size:12px;line-height:18px;color:#374151;background:#f9fafb;border-left:3px solid #d1d5db;padding:8px 12px;white-space:pre-wrap;${WRAP}">{{#excerpt}}{{.}}<br>{{/excerpt}}</div>
{{/hasExcerpt}}
{{/lastFailure}}
</td></tr>
</table>`;
}

function otherIntegrations(): string {
  return `{{#others.0}}
<p class="ink" style="${TEXT};font-weight:600;margin:22px 0 6px">Also</p>
{{/others.0}}
{{#others}}
<p class="ink" style="${TEXT};margin:0;${WRAP}">{{#link}}<a class="link" href="{{link}}" style="color:#1d4ed8"><bdi>{{title}}</bdi></a>{{/link}}{{^link}}<bdi>{{title}}</bdi>{{/link}}</p>
{{/others}}
{{#leftOut}}
<p class="soft" style="${LABEL};margin:4px 0 0">and {{leftOut}} more</p>
{{/leftOut}}`;
}

function stepList(steps: readonly string[]): string {
  const numbered = steps.length > 1;
  const rows = steps.map(
    (step, index) =>
      `<tr>${numbered ? `<td class="soft" valign="top" style="${TEXT};color:#6b7280;padding:0 10px 8px 0">${index + 1}.</td>` : ""}` +
      `<td class="ink" valign="top" style="${TEXT};padding:0 0 8px">${step}</td></tr>`,
  );
  return `<table ${TABLE} width="100%" class="line" style="border-top:1px solid #e5e7eb;margin-top:22px">
<tr><td style="padding-top:18px">
<p class="ink" style="${TEXT};font-weight:600;margin:0 0 8px">What to do now</p>
<table ${TABLE}>
${rows.join("\n")}
</table>
</td></tr>
</table>`;
}

function row(label: string, value: string): string {
  return `<tr><td class="soft" valign="top" width="116" style="${LABEL};width:116px;padding:2px 12px 4px 0">${label}</td><td class="ink" valign="top" style="${TEXT};padding:0 0 4px;${WRAP}">${value}</td></tr>`;
}

function headCell(label: string, column: number): string {
  return `<th class="soft line" align="${column === 0 ? "left" : "right"}" style="${LABEL};font-size:12px;font-weight:400;border-bottom:1px solid #e5e7eb;padding:4px 0 4px ${column === 0 ? 0 : 8}px">${label}</th>`;
}

function countCell(name: string, column: number): string {
  return `<td class="ink line" align="${column === 0 ? "left" : "right"}" style="${TEXT};font-size:14px;border-bottom:1px solid #f3f4f6;padding:4px 0 4px ${column === 0 ? 0 : 8}px;white-space:nowrap">{{${name}}}</td>`;
}
