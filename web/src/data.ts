// A network as the page's data has it: archprof/commands/page/contract.py says what each is.

export type Axis = [size: number, jump: number, start: number] | "whole" | "nothing" | "unknown";
export type Step = [quantity: string, formula: string, numbers: string, result: string];

/** What layers with the same op, settings and shapes share; null: unknown. */
export interface Fact {
  op: string;
  family: string;
  what: string;
  settings: [name: string, value: string][];
  arrives: string;
  shape: number[];
  params: number;
  macs: number | null;
  output: number;
  moved: number;
  saved: number | null;
  steps: Step[];
  notes: string[];
}

/** One layer. `inputs` are indices of earlier layers, -1 the network's input. */
export interface Layer {
  index: number;
  path: string;
  fact: Fact;
  alike: number;
  inputs: number[];
  axes: Axis[];
  fieldSteps: Step[];
  source: string;
  aux: boolean;
  drawn: boolean;
  stage: number | null;
  latency: number | null;
}

/** A step of training, moment by moment: the n-th of each is of the n-th moment, which stands for
 * some neighbouring kernels. */
export interface TrainingStep {
  kernels: number[];
  layer: (number | null)[];
  phase: string[];
  path: string[];
  kernel: string[];
  bytes: Record<string, number[]>;
  lowerBound: boolean;
}

export interface Network {
  name: string;
  heading: string;
  input: number[];
  totals: Record<"params" | "macs" | "output_bytes" | "bytes_moved" | "saved_bytes", number>;
  lacking: Set<string>;
  layers: Layer[];
  uses: number[][];
  blocks: Map<string, string>;
  step: TrainingStep | null;
  staged: boolean;
  measured: boolean;
}

/** As it comes from JSON. */
export type Raw = any;

/** Read the data of the element with a name, as `document.py` packs it; null: there is none. */
export async function read(name: string): Promise<Raw> {
  const element = document.querySelector(`script[data-name="${name}"]`);
  if (!element) return null;
  const text = atob((element.textContent ?? "").trim());
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return JSON.parse(await new Response(stream).text());
}

/** Give the data of one network the shape that the page works with. */
export function network(raw: Raw): Network {
  const texts: string[] = raw.texts;
  const facts = raw.facts.map((fact: Raw) => factOf(fact, texts));
  const columns = raw.layers;
  const aux = new Set<number>(columns.aux);
  const hidden = new Set<number>(columns.hidden);
  const layers: Layer[] = columns.path.map((path: string, index: number) => ({
    index,
    path,
    fact: facts[columns.fact[index]],
    alike: columns.alike[index],
    inputs: columns.inputs[index].map((back: number) => (back ? index - back : -1)),
    axes: columns.field[index],
    get fieldSteps() {
      return stepsOf(columns.steps[index], texts);
    },
    source: `${texts[columns.file[index]]}:${columns.line[index]}`,
    aux: aux.has(index),
    drawn: !hidden.has(index),
    stage: columns.stage[index] ?? null,
    latency: columns.latency[index] ?? null,
  }));
  return {
    name: raw.network,
    heading: raw.heading,
    input: raw.input,
    totals: raw.totals,
    lacking: new Set(raw.totals.lacking),
    layers,
    uses: readers(layers),
    blocks: new Map(Object.entries(raw.blocks)),
    step: raw.step ? stepOf(raw.step, layers, texts) : null,
    staged: columns.stage.length > 0,
    measured: columns.latency.length > 0,
  };
}

function stepOf(raw: Raw, layers: Layer[], texts: string[]): TrainingStep {
  const bytes: Record<string, number[]> = {};
  for (const [kind, changes] of Object.entries<number[]>(raw.changes)) {
    let sum = 0;
    bytes[kind] = changes.map((change) => (sum += change));
  }
  return {
    kernels: raw.kernels,
    layer: raw.layer,
    phase: raw.phase,
    path: raw.layer.map((layer: number | null, k: number) =>
      layer === null ? texts[raw.beside[k]] : layers[layer].path,
    ),
    kernel: raw.kernel.map((place: number) => texts[place]),
    bytes,
    lowerBound: raw.lower_bound,
  };
}

function factOf(raw: Raw, texts: string[]): Fact {
  return {
    op: texts[raw.op],
    family: texts[raw.family],
    what: texts[raw.what],
    settings: raw.settings.map(([name, value]: number[]) => [texts[name], texts[value]]),
    arrives: texts[raw.arrives],
    shape: raw.shape,
    params: raw.params,
    macs: raw.macs,
    output: raw.output_bytes,
    moved: raw.bytes_moved,
    saved: raw.saved_bytes,
    get steps() {
      return stepsOf(raw.steps, texts);
    },
    notes: raw.notes.map((note: number) => texts[note]),
  };
}

const stepsOf = (steps: number[][], texts: string[]): Step[] =>
  steps.map((step) => step.map((part) => texts[part]) as Step);

/** By layer those that read it. */
function readers(layers: Layer[]): number[][] {
  const uses: number[][] = layers.map(() => []);
  for (const layer of layers) {
    if (!layer.drawn) continue;
    for (const source of layer.inputs) if (source >= 0) uses[source].push(layer.index);
  }
  return uses;
}

/** What the last part of a path calls a layer. */
export const lastName = (path: string): string => path.slice(path.lastIndexOf(".") + 1);
