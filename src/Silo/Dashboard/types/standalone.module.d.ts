// What the dashboard uses of htm with Preact, whose own types are not in its one file.
export type Node = object;
export function html(strings: TemplateStringsArray, ...values: unknown[]): Node;
export function render(tree: Node, into: Element): void;
export function useState<T>(initial: T | (() => T)): [T, (next: T | ((old: T) => T)) => void];
export function useRef<T>(initial: T): { current: T };
export function useMemo<T>(make: () => T, uses: unknown[]): T;
export function useCallback<T extends (...given: any[]) => unknown>(make: T, uses: unknown[]): T;
export function useEffect(run: () => void | (() => void), uses: unknown[]): void;
