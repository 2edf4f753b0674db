using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Operations;

namespace Lcnn.Distributed.Model.Training;

/// <summary>Takes a rank's shards through a step: each by itself, or all from halt to halt where batch norms take the whole batch.</summary>
/// <param name="normalization">Of the step.</param>
/// <param name="forEach">Runs a body for 0 .. count-1 on any threads and returns when all are done.</param>
/// <param name="total">What the rank's shards give to the sums of the n-th halt, to the totals over all shards of the step.</param>
public sealed class Lockstep(Normalization normalization, Action<int, Action<int>> forEach, Func<int, IReadOnlyList<NormShare[]>, NormShare[]> total)
{
    /// <summary>The whole step.</summary>
    /// <param name="count">Shards of the rank.</param>
    /// <param name="begin">A shard before its first pass; disposed here.</param>
    public void Run(int count, Func<int, ShardPass> begin)
    {
        if (normalization == Normalization.Global)
        {
            RunTogether(count, begin);
            return;
        }

        forEach(count, shard =>
        {
            using var pass = begin(shard);
            pass.Advance();
        });
    }

    private void RunTogether(int count, Func<int, ShardPass> begin)
    {
        var (passes, shares) = (new ShardPass?[count], new NormShare[]?[count]);
        try
        {
            forEach(count, shard =>
            {
                passes[shard] = begin(shard);
                shares[shard] = passes[shard]!.Advance();
            });
            for (var halt = 0; shares[0] is not null; halt++)
            {
                var totals = total(halt, shares!);
                forEach(count, shard => shares[shard] = passes[shard]!.Advance(totals));
            }
        }
        finally
        {
            foreach (var pass in passes)
            {
                pass?.Dispose();
            }
        }
    }
}
