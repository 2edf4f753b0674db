using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Networks;

/// <summary>A piece of a network's forward computation; it holds no tensors.</summary>
public interface INode
{
    /// <summary>Maps a batch of samples.</summary>
    Tensor Forward(Tensor x, ForwardPass pass);
}
