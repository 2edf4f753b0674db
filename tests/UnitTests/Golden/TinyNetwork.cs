using System.Text.Json;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.UnitTests.Training;

namespace Lcnn.Distributed.UnitTests.Golden;

/// <summary>What scalars.json says about one of the reduced residual networks.</summary>
internal sealed class TinyNetwork
{
    private static readonly Dictionary<string, LossKind> _losses = new()
    {
        ["ce"] = LossKind.CrossEntropy,
        ["gnorm"] = LossKind.GradientNorm,
        ["curvature"] = LossKind.Curvature,
        ["curvature_and_gnorm"] = LossKind.CurvatureAndGradientNorm,
    };

    public TinyNetwork(string name)
    {
        Scalars = GoldenFolder.Scalars.GetProperty(name);
        Golden = new GoldenFile(name);
        int Get(string size) => Scalars.GetProperty(size).GetInt32();
        int[] GetAll(string sizes) => [.. Scalars.GetProperty(sizes).EnumerateArray().Select(size => size.GetInt32())];
        Network = ResidualNetwork.Build(
            new ImageShape(Get("cin"), Get("im"), Get("im")), Get("classes"), GetAll("widths"), GetAll("blocks"));
    }

    public JsonElement Scalars { get; }

    public GoldenFile Golden { get; }

    public Network Network { get; }

    /// <summary>The loss of a name in keys.</summary>
    public static LossKind LossOf(string name) => _losses[name];

    /// <summary>Names of the losses, as keys have them.</summary>
    public IEnumerable<string> Losses => Scalars.GetProperty("losses").EnumerateObject().Select(loss => loss.Name);

    public Objective Objective(string loss)
    {
        double Get(string constant) => Scalars.GetProperty("reg_constants").GetProperty(constant).GetDouble();
        return new Objective(_losses[loss], Get("beta"), Get("gamma"), Get("gnorm"));
    }

    /// <summary>A training of the stored initial state; several shards, in effective form, take batch norm over all of them.</summary>
    public ITraining Start(string loss, Form form, int shards = 1)
    {
        var states = Network.Initialize(seed: 0);
        Golden.LoadState(states);
        return form == Form.Raw
            ? new RawTraining(Network, states, Objective(loss))
            : new EffectiveTraining(Network, states, Objective(loss), shards);
    }
}
