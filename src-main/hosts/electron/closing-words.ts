/** What the question before closing says is under way: `2 backfills and an adoption are under way or waiting.` */
export function underWayWords(backfills: number, adoptions: number): string {
  const parts = [...counted(backfills, 'a backfill', 'backfills'), ...counted(adoptions, 'an adoption', 'adoptions')];
  const words = parts.join(' and ');
  const verb = backfills + adoptions === 1 ? 'is under way' : 'are under way or waiting';
  return `${words[0]!.toUpperCase()}${words.slice(1)} ${verb}.`;
}

function counted(count: number, one: string, many: string): string[] {
  return count === 0 ? [] : [count === 1 ? one : `${count} ${many}`];
}
