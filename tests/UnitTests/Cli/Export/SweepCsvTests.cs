using System.Globalization;
using CsvHelper;
using Lcnn.Distributed.Cli.Export;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.UnitTests.Cli.Export;

public sealed class SweepCsvTests
{
    [Fact]
    public void Write_TwoTrials_IsAHeaderAndARowEach()
    {
        var export = new SweepExport
        {
            Spec = new SweepSpec { Parameters = [ParameterSpec.LogBetween("lr", 0.01, 1), ParameterSpec.OneOf("loss", "a", "b")], Goals = [new GoalSpec("testLoss", IsMaximized: false)] },
            Trials =
            [
                new TrialEntry
                {
                    Number = 1,
                    State = TrialState.Completed,
                    Epochs = 3,
                    Parameters = new ParameterSet([new("lr", 0.1), new("loss", "a")]),
                    Metrics = new Dictionary<string, double> { ["testAccuracy"] = 1.0 / 3, ["testLoss"] = double.NaN, ["curvature"] = -1e-7 },
                    WeightsSha256 = "ab",
                },
                new TrialEntry { Number = 2, State = TrialState.Failed, Parameters = new ParameterSet([new("epochs", 5)]), Error = "a \"b\",\nc" },
            ],
        };

        Assert.Equal(
            "number,state,epochs,parameters.lr,parameters.loss,parameters.epochs,metrics.testLoss,metrics.testAccuracy,metrics.curvature,weightsSha256,error\r\n" +
            "1,completed,3,0.1,a,,,0.3333333333333333,-1E-07,ab,\r\n" +
            "2,failed,0,,,5,,,,,\"a \"\"b\"\",\nc\"\r\n",
            Write(export));
    }

    [Fact]
    public void Write_NoTrials_IsAHeader() => Assert.Equal(
        "number,state,epochs,parameters.lr,parameters.batchSize,parameters.loss,parameters.momentum,parameters.betaWeight,metrics.testAccuracy,metrics.curvature,weightsSha256,error\r\n",
        Write(SampleSweep.Export(0)));

    [Fact]
    public void Write_HostileError_IsReadBackAsItWas()
    {
        using var csv = new CsvReader(new StringReader(Write(SampleSweep.Export(24))), CultureInfo.InvariantCulture);
        csv.Read();
        csv.ReadHeader();
        var errors = new List<string?>();
        while (csv.Read())
        {
            errors.Add(csv.GetField("error"));
        }

        Assert.Equal(24, errors.Count);
        Assert.Equal(SampleSweep.HostileText, errors[^1]);
    }

    private static string Write(SweepExport export)
    {
        using var output = new StringWriter();
        SweepCsv.Write(export, output);
        return output.ToString();
    }
}
