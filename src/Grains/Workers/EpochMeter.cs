using System.Text.Json.Nodes;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Means of the loss over the steps of an epoch, weighted by samples; it travels in snapshots.</summary>
internal sealed class EpochMeter
{
    private int _epoch;
    private double _loss;
    private double _crossEntropy;
    private double _beta;
    private double _gamma;
    private double _gradientNorm;
    private long _correct;
    private long _samples;

    /// <summary>Mean loss, penalties included.</summary>
    public double Loss => _loss / _samples;

    /// <summary>Share of samples classified rightly.</summary>
    public double Accuracy => (double)_correct / _samples;

    /// <summary>The terms of that loss, each a mean over the epoch's samples.</summary>
    public LossTerms Terms => new()
    {
        CrossEntropy = _crossEntropy / _samples,
        BetaTerm = _beta / _samples,
        GammaTerm = _gamma / _samples,
        GradientNorm = _gradientNorm / _samples,
    };

    /// <summary>Takes one step in; the first step of another epoch begins anew.</summary>
    public void Add(int epoch, StepTerms step)
    {
        if (epoch != _epoch)
        {
            (_epoch, _loss, _crossEntropy, _beta, _gamma, _gradientNorm, _correct, _samples) = (epoch, 0, 0, 0, 0, 0, 0, 0);
        }

        _loss += step.Loss * step.Samples;
        _crossEntropy += step.CrossEntropy * step.Samples;
        _beta += step.BetaTerm * step.Samples;
        _gamma += step.GammaTerm * step.Samples;
        _gradientNorm += step.GradientNorm * step.Samples;
        _correct += step.Correct;
        _samples += step.Samples;
    }

    /// <summary>For a snapshot; terms that the objective lacks are null.</summary>
    public JsonObject Save() => new()
    {
        ["epoch"] = _epoch,
        ["loss"] = _loss,
        ["crossEntropy"] = _crossEntropy,
        ["beta"] = Finite(_beta),
        ["gamma"] = Finite(_gamma),
        ["gradientNorm"] = Finite(_gradientNorm),
        ["correct"] = _correct,
        ["samples"] = _samples,
    };

    /// <summary>Goes on with the sums of a snapshot that was taken inside the epoch.</summary>
    public void Load(JsonObject saved)
    {
        _epoch = (int)saved["epoch"]!;
        _loss = (double)saved["loss"]!;
        _crossEntropy = (double)saved["crossEntropy"]!;
        _beta = (double?)saved["beta"] ?? double.NaN;
        _gamma = (double?)saved["gamma"] ?? double.NaN;
        _gradientNorm = (double?)saved["gradientNorm"] ?? double.NaN;
        _correct = (long)saved["correct"]!;
        _samples = (long)saved["samples"]!;
    }

    private static JsonNode? Finite(double value) => double.IsFinite(value) ? value : null;
}
