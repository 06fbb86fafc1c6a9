export async function annotate(_input: unknown): Promise<void> {
  await Promise.resolve();
}
