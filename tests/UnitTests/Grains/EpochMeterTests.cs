using System.Text.Json.Nodes;
using Lcnn.Distributed.Grains.Workers;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class EpochMeterTests
{
    [Fact]
    public void Means_UnequalSteps_AreWeightedBySamples()
    {
        var meter = new EpochMeter();
        meter.Add(1, new StepTerms(Loss: 1, CrossEntropy: 2, BetaTerm: 3, GammaTerm: 4, GradientNorm: 5, Correct: 10, Samples: 30));
        meter.Add(1, new StepTerms(Loss: 5, CrossEntropy: 6, BetaTerm: 7, GammaTerm: 8, GradientNorm: 9, Correct: 5, Samples: 10));

        Assert.Equal((2, 15.0 / 40), (meter.Loss, meter.Accuracy));
        Assert.Equal((3, 4, 5, 6), (meter.Terms.CrossEntropy, meter.Terms.BetaTerm, meter.Terms.GammaTerm, meter.Terms.GradientNorm));
    }

    [Fact]
    public void Add_FirstStepOfTheNextEpoch_BeginsAnew()
    {
        var meter = new EpochMeter();
        meter.Add(1, Step(loss: 100));

        meter.Add(2, Step(loss: 3));

        Assert.Equal(3, meter.Loss);
    }

    [Fact]
    public void Load_WhatWasSaved_GoesOnWithTheSameBits()
    {
        var meter = new EpochMeter();
        meter.Add(4, Step(loss: 0.1));
        meter.Add(4, Step(loss: 1.0 / 3));
        var restored = new EpochMeter();

        restored.Load((JsonObject)JsonNode.Parse(meter.Save().ToJsonString())!);
        meter.Add(4, Step(loss: 0.7));
        restored.Add(4, Step(loss: 0.7));

        Assert.Equal((meter.Loss, meter.Accuracy, meter.Terms), (restored.Loss, restored.Accuracy, restored.Terms));
    }

    [Fact]
    public void Load_TermsTheObjectiveLacks_StayNaN()
    {
        var meter = new EpochMeter();
        meter.Add(1, new StepTerms(1, 1, double.NaN, double.NaN, double.NaN, 1, 2));
        var saved = meter.Save().ToJsonString();
        var restored = new EpochMeter();

        restored.Load((JsonObject)JsonNode.Parse(saved)!);

        Assert.Contains("\"gradientNorm\":null", saved, StringComparison.Ordinal);
        Assert.Equal((1, double.NaN, double.NaN, double.NaN),
            (restored.Terms.CrossEntropy, restored.Terms.BetaTerm, restored.Terms.GammaTerm, restored.Terms.GradientNorm));
    }

    private static StepTerms Step(double loss) => new(loss, loss / 3, loss / 7, loss / 9, loss / 11, 3, 7);
}
