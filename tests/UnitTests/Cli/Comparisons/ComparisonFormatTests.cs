using Lcnn.Distributed.Cli.Comparisons;
using Lcnn.Distributed.Cli.Export.Comparisons;

namespace Lcnn.Distributed.UnitTests.Cli.Comparisons;

/// <summary>The formats of a comparison, from fixed figures.</summary>
public sealed class ComparisonFormatTests
{
    [Fact]
    public void Markdown_OfFixedFigures_IsThis() => Assert.Equal(
        """
        | method | runs | test accuracy (%) | gradient norm | Hessian norm | curvature | curvature / standard's | robust at 0.1 (%) | robust at 0.2 (%) | robust at 0.3 (%) | certified at 0.1 (%) | certified at 0.2 (%) | certified at 0.3 (%) |
        | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
        | standard | 2 | 88.50 ± 0.13 | 1.23 ± 0.00 | 54.3 ± 1.7 | 49.4 ± 1.6 | 1.00 ± 0.03 | 38.70 | 34.40 | 30.10 | 20.00 ± 0.00 | 10.00 ± 0.00 | 0.00 ± 0.00 |
        | lcnn | 1 of 2 | 88.22 | 1.23 | 5.18 | 4.71 | 0.0953 | 54.90 | 48.80 | 42.70 | 20.00 | 10.00 | 0.00 |
        | lcnn+gradreg | 1 | 88.03 | 1.23 | 0.00100 | 9.12e-4 | 1.85e-5 | 64.80 | 57.60 | 50.40 | 20.00 | 10.00 | 0.00 |

        - command: lcnn compare --dataset fashion-mnist --methods standard:2,lcnn:2,lcnn+gradreg --out compared
        - version: 0.7.0
        - network: resnet8 on fashion-mnist, 5 epochs
        - attacks: autoattack in l2 on the first 100 test samples, first seed
        - took: 1:12:01 on AMD EPYC (2 cores)
        - trial 5: lcnn, seed 1730: &lt;/script>&lt;script>document.title='owned'&lt;/script>&lt;img src=x onerror="document.title='owned'"> "quoted", a second line
        - mean ± standard deviation over seeds
        """, Write(ComparisonMarkdown.Write));

    [Fact]
    public void Csv_OfFixedFigures_IsThis() => Assert.Equal(
        """
        method,trials,unfinished,testAccuracy.mean,testAccuracy.deviation,testAccuracy.count,gradNorm.mean,gradNorm.deviation,gradNorm.count,hessianNorm.mean,hessianNorm.deviation,hessianNorm.count,curvature.mean,curvature.deviation,curvature.count,curvatureRatio.mean,curvatureRatio.deviation,curvatureRatio.count,robustAccuracy@0.1.mean,robustAccuracy@0.1.deviation,robustAccuracy@0.1.count,robustAccuracy@0.2.mean,robustAccuracy@0.2.deviation,robustAccuracy@0.2.count,robustAccuracy@0.3.mean,robustAccuracy@0.3.deviation,robustAccuracy@0.3.count,certifiedAccuracy@0.1.mean,certifiedAccuracy@0.1.deviation,certifiedAccuracy@0.1.count,certifiedAccuracy@0.2.mean,certifiedAccuracy@0.2.deviation,certifiedAccuracy@0.2.count,certifiedAccuracy@0.3.mean,certifiedAccuracy@0.3.deviation,certifiedAccuracy@0.3.count
        standard,2,0,0.885,0.0012727922061358025,2,1.234,0,2,54.34,1.7111984104714462,2,49.4,1.5556349186104066,2,1,0.03149058539697179,2,0.387,,1,0.34400000000000003,,1,0.301,,1,0.19999999999999998,0,2,0.09999999999999998,0,2,0,0,2
        lcnn,2,1,0.8822,,1,1.234,,1,5.181,,1,4.71,,1,0.09534412955465588,,1,0.549,,1,0.488,,1,0.427,,1,0.19999999999999998,,1,0.09999999999999998,,1,0,,1
        lcnn+gradreg,1,0,0.8803,,1,1.234,,1,0.0010032,,1,0.000912,,1,1.846153846153846E-05,,1,0.648,,1,0.576,,1,0.504,,1,0.19999999999999998,,1,0.09999999999999998,,1,0,,1
        """, Write(ComparisonCsv.Write));

    [Fact]
    public void Latex_OfFixedFigures_IsThis() => Assert.Equal(
        """
        % \usepackage{booktabs}
        % command: lcnn compare --dataset fashion-mnist --methods standard:2,lcnn:2,lcnn+gradreg --out compared
        % version: 0.7.0
        % network: resnet8 on fashion-mnist, 5 epochs
        % attacks: autoattack in l2 on the first 100 test samples, first seed
        % took: 1:12:01 on AMD EPYC (2 cores)
        % trial 5: lcnn, seed 1730: </script><script>document.title='owned'</script><img src=x onerror="document.title='owned'"> "quoted", a second line
        % mean +- standard deviation over seeds
        \begin{tabular}{lrrrrrrrrrrr}
        \toprule
        Method & Acc. (\%) & $\|\nabla f\|$ & $\|\nabla^2 f\|$ & $\mathcal{C}_f$ & $\mathcal{C}_f$ ratio & Rob. 0.1 (\%) & Rob. 0.2 (\%) & Rob. 0.3 (\%) & Cert. 0.1 (\%) & Cert. 0.2 (\%) & Cert. 0.3 (\%) \\
        \midrule
        standard & 88.50 $\pm$ 0.13 & 1.23 $\pm$ 0.00 & 54.3 $\pm$ 1.7 & 49.4 $\pm$ 1.6 & 1.00 $\pm$ 0.03 & 38.70 & 34.40 & 30.10 & 20.00 $\pm$ 0.00 & 10.00 $\pm$ 0.00 & 0.00 $\pm$ 0.00 \\
        lcnn & 88.22 & 1.23 & 5.18 & 4.71 & 0.0953 & 54.90 & 48.80 & 42.70 & 20.00 & 10.00 & 0.00 \\
        lcnn+gradreg & 88.03 & 1.23 & 0.00100 & 9.12e-4 & 1.85e-5 & 64.80 & 57.60 & 50.40 & 20.00 & 10.00 & 0.00 \\
        \bottomrule
        \end{tabular}
        """, Write(ComparisonLatex.Write));

    [Theory]
    [InlineData(new double[0], double.NaN, double.NaN, 0)]
    [InlineData(new[] { 3.0 }, 3.0, double.NaN, 1)]
    [InlineData(new[] { 1.0, 2.0, double.NaN, 3.0 }, 2.0, 1.0, 3)]
    public void Spread_OfSeeds_IsTheSamplesMeanAndDeviation(double[] values, double mean, double deviation, int count) =>
        Assert.Equal(new Spread(mean, deviation, count), Spread.Of(values));

    [Theory]
    [InlineData(0)]
    [InlineData(double.NaN)]
    public void Table_OfABaselineWithoutCurvature_HasNoRatios(double curvature)
    {
        var baseline = SampleComparison.Small.Methods[0];
        var comparison = SampleComparison.Small with
        {
            Methods = [baseline with { Trials = [.. baseline.Trials.Select(trial => trial with { Curvature = curvature })] }, .. SampleComparison.Small.Methods.Skip(1)],
        };

        Assert.DoesNotContain(ComparisonTable.Of(comparison).Columns, column => column.Key == "curvatureRatio");
    }

    private static string Write(Action<Comparison, TextWriter> format)
    {
        using var output = new StringWriter { NewLine = "\n" };
        format(SampleComparison.Small, output);
        return output.ToString().ReplaceLineEndings("\n").TrimEnd('\n');
    }
}
