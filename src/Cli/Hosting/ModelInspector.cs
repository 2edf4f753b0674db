using System.Globalization;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Data.Summaries;
using Lcnn.Distributed.Grains.Workers;
using Lcnn.Distributed.Model.Curvature;
using Lcnn.Distributed.Model.Diagnostics;
using Lcnn.Distributed.Model.Evaluation;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Stability;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Looks into models in this process.</summary>
internal sealed class ModelInspector : IModelInspector
{
    public string Processor => SystemReport.ProcessorName;

    public async Task<InspectionReport> InspectAsync(InspectionRequest request, CancellationToken cancellationToken)
    {
        try
        {
            NativeLibrary.Check();
            var models = request.Models.Select(path => EvaluatedModel.Read(
                new EvaluationRequest(path, request.DataDirectory, null, 0, 1, 1), Console.Error.WriteLine)).ToList();
            var wanted = DataSetRequests.Of(models[0].Spec);
            var data = await new DataSetLoader().LoadAsync(wanted with { DataDirectory = request.DataDirectory ?? wanted.DataDirectory }, null, cancellationToken);
            return await Task.Factory.StartNew(
                () => Inspect(models, data.Test.Take(request.Images), cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (Exception exception) when (ModelErrors.Of(exception, "close other programs") is { } said)
        {
            throw said;
        }
    }

    public async Task<ExaminationReport> ExamineAsync(ExaminationRequest request, CancellationToken cancellationToken)
    {
        try
        {
            NativeLibrary.Check();
            var model = EvaluatedModel.Read(new EvaluationRequest(request.Model, null, null, 0, 1, 1), static _ => { });
            var data = await new DataSetLoader().LoadAsync(DataSetRequests.Of(model.Spec), null, cancellationToken);
            return await Task.Factory.StartNew(
                () => Examine(request, model, data.Test.Take(Math.Min(request.Samples, data.Test.Count))), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (Exception exception) when (ModelErrors.Of(exception, "close other programs") is { } said)
        {
            throw said;
        }
    }

    private static ExaminationReport Examine(ExaminationRequest request, EvaluatedModel model, ILabelledImages test)
    {
        var network = Architectures.Build(model.Spec.DescribedNetwork(), model.Spec.NetworkParameters, test, model.Spec.SpectralGrid);
        using var threads = new ComputeThreads(Environment.ProcessorCount, "examine");
        using var trained = TrainedNetwork.Load(network, model.Tensors, model.Source);
        var predictions = Evaluator.Predict(network, trained.Layers, test, threads);
        var curvature = new CurvatureMeasurement(Math.Min(request.CurvatureSamples, test.Count), model.Spec.CurvatureIterations, model.Spec.Seed).MeasureAll(network, trained.Layers, test, threads);
        var confusion = Enumerable.Range(0, network.Classes).Select(_ => new int[network.Classes]).ToArray();
        foreach (var (place, prediction) in predictions.Index())
        {
            confusion[test.Labels[place]][prediction.Output]++;
        }

        var worst = predictions.Index().Where(one => one.Item.Output != test.Labels[one.Index]).OrderByDescending(one => one.Item.Probability).Select(one => (one.Index, one.Item.Probability));
        var curved = curvature.Index().Where(one => double.IsFinite(one.Item.Curvature)).OrderByDescending(one => one.Item.Curvature).Select(one => (one.Index, one.Item.Curvature));
        return new ExaminationReport(
            test.Count, [.. Enumerable.Range(0, network.Classes).Select(label => NameOf(test, label))], confusion,
            Show(trained, test, [.. worst.Take(request.Images)]), Show(trained, test, [.. curved.Take(request.Images)]), NetworkSharpness.Of(network, trained.Layers));
    }

    private static IReadOnlyList<ExaminedImage> Show(TrainedNetwork trained, ILabelledImages test, IReadOnlyList<(int Place, double Value)> found) => found.Count == 0 ? [] :
    [
        .. found.Zip(InputGradients.Of(trained, test, [.. found.Select(one => one.Place)]), (one, map) => new ExaminedImage(
            one.Place, NameOf(test, test.Labels[one.Place]), NameOf(test, map.Class), one.Value, ImagePng.OfSample(test, one.Place), ImagePng.OfSizes(map.Sizes_HW, test.Height, test.Width))),
    ];

    private static InspectionReport Inspect(List<EvaluatedModel> models, ILabelledImages test, CancellationToken cancellationToken)
    {
        using var threads = new ComputeThreads(1, "inspect"); // one intra-op thread below, as in training
        int[] places = [.. Enumerable.Range(0, test.Count)];
        return new InspectionReport(
            [.. places.Select(place => new InspectedImage(NameOf(test, test.Labels[place]), ImagePng.OfSample(test, place)))],
            [.. models.Select(model =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                return Inspect(model, test, places);
            })]);
    }

    private static InspectedModel Inspect(EvaluatedModel model, ILabelledImages test, int[] places)
    {
        var network = Architectures.Build(model.Spec.DescribedNetwork(), model.Spec.NetworkParameters, test, model.Spec.SpectralGrid);
        using var trained = TrainedNetwork.Load(network, model.Tensors, model.Source);
        return new InspectedModel(
            NetworkSharpness.Of(network, trained.Layers),
            [.. InputGradients.Of(trained, test, places).Select(map => new InspectedMap(
                NameOf(test, map.Class), ImagePng.OfSizes(map.Sizes_HW, test.Height, test.Width)))]);
    }

    private static string NameOf(ILabelledImages test, int label) =>
        label < test.ClassNames.Count ? test.ClassNames[label] : label.ToString(CultureInfo.InvariantCulture);
}
