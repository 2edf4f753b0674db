namespace Lcnn.Distributed.Grains.Placement;

/// <summary>What a silo does before it leaves: hands over what it holds while it can still talk to the others.</summary>
public interface ISiloDrain
{
    /// <summary>Awaited before Orleans stops; cancelled when the drain timeout is over.</summary>
    Task DrainAsync(CancellationToken cancellationToken);
}
