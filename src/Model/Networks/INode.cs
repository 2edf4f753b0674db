using Lcnn.Distributed.Model.Operations;

namespace Lcnn.Distributed.Model.Networks;

/// <summary>A piece of a network's computation; it holds no tensors.</summary>
internal interface INode
{
    /// <summary>A fresh operation for one shard.</summary>
    /// <param name="parameters">Effective parameters of every layer.</param>
    /// <param name="draws">Random numbers of the shard's samples in training; null where nothing is drawn.</param>
    Operation On(EffectiveParameters parameters, SampleDraws? draws);
}
