import sys, torch, time
sys.path.insert(0,"/tmp/wt7/src")
from cyclorama import load_model, write_panorama
from cyclorama.methods.sphere_diffusion import *
m=load_model(sys.argv[1], lora="none"); print(m.capabilities)
t=time.time()
for lay in sys.argv[4:]:
  for k,p in enumerate(sys.argv[3].split("|")):
    im=generate_sphere(m,p,seed=k,height=512,views=LAYOUTS[lay],guidance_scale=float(sys.argv[2]),view_size=256)
    write_panorama(im,f"/tmp/wt7/s_{lay}_{k}.png"); print(lay,p,time.time()-t)
