using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Modules;

/// <summary>u and v of a power iteration as buffers, which begin when their shapes are known.</summary>
internal sealed class SingularVectors() : nn.Module(nameof(SingularVectors))
{
    private const string Left = "_u";
    private const string Right = "_v";

    /// <summary>Whether they have begun.</summary>
    public bool Exist => has_buffer(Left);

    /// <summary>Row-major, as torch loads and stores buffers.</summary>
    public Tensor U => get_buffer(Left)!;

    /// <summary>Row-major, as torch loads and stores buffers.</summary>
    public Tensor V => get_buffer(Right)!;

    /// <summary>Takes over both.</summary>
    public void Begin(Tensor u, Tensor v)
    {
        register_buffer(Left, u.DetachFromDisposeScope());
        register_buffer(Right, v.DetachFromDisposeScope());
    }

    /// <summary>Takes the numbers of both.</summary>
    public void Store(Tensor u, Tensor v)
    {
        using var _ = no_grad();
        U.copy_(u);
        V.copy_(v);
    }
}
